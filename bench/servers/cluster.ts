/** What the benches on real servers share: where these are, names that no other run uses, and a clean end. */
import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import type { Kafka } from 'kafkajs';
import { openKafka } from '../../adapters/kafka/kafka-connection.ts';
import type { ensureServices as Ensure } from '../../deploy/services/ensure.mjs';

export interface Cluster {
  readonly kafka: Kafka;
  readonly brokers: string;
  /** With the run's own database in the path. */
  readonly mongoUrl: string;
  readonly redisUrl: string;
  /** Begins the name of every topic of the run. */
  readonly prefix: string;
  /** Removes the topics and the database of the run. */
  clean(): Promise<void>;
}

/** @throws Error naming what this machine does not have */
export async function openCluster(bench: string): Promise<Cluster> {
  // this file runs as dist/bench/servers/cluster.js, the services stay where they are
  const path = new URL('../../../deploy/services/ensure.mjs', import.meta.url).href;
  const { ensureServices } = (await import(path)) as { readonly ensureServices: typeof Ensure };
  const { urls, reasons } = await ensureServices();
  const { kafka: brokers, mongo, redis } = urls;
  if (brokers === undefined || mongo === undefined || redis === undefined)
    throw new Error(`the bench needs Kafka, MongoDB and Redis: ${JSON.stringify(reasons)}`);
  const prefix = `bench-${bench}-${randomUUID().slice(0, 8)}`;
  const url = new URL(mongo);
  url.pathname = `/${prefix}`;
  const kafka = openKafka({ brokers: brokers.split(','), clientId: prefix });
  const mongoUrl = url.href;
  return { kafka, brokers, mongoUrl, redisUrl: redis, prefix, clean: () => clean(kafka, mongoUrl, prefix) };
}

async function clean(kafka: Kafka, mongoUrl: string, prefix: string): Promise<void> {
  const admin = kafka.admin();
  const mongo = new MongoClient(mongoUrl);
  try {
    await admin.connect();
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics, timeout: 10_000 });
    const { groups } = await admin.listGroups();
    const own = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(prefix));
    await Promise.allSettled(own.map((id) => admin.deleteGroups([id])));
    await mongo.db().dropDatabase();
  } finally {
    await admin.disconnect();
    await mongo.close();
  }
}

/** Rejects when `work` takes longer: a bench must end. */
export async function within<T>(seconds: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done in ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
