/** Addresses of the servers of the tests. */
export interface ClusterUrls {
  readonly kafka: string;
  readonly mongo: string;
  readonly redis: string;
}

/** Settings of a node on the servers of the tests, with topics, a database and keys of its own. */
export function clusterEnvironment(
  { kafka, mongo, redis }: ClusterUrls,
  prefix: string,
  partitions = 2,
): Readonly<Record<string, string>> {
  return {
    PURSIGHT_KAFKA_BROKERS: kafka,
    PURSIGHT_MONGO_URL: mongo.replace('/?', `/${prefix}?`),
    PURSIGHT_REDIS_URL: redis,
    PURSIGHT_TOPIC_PREFIX: prefix,
    PURSIGHT_LOG_PARTITIONS: String(partitions),
  };
}
