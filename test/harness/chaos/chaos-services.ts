import { MongoClient } from 'mongodb';
import { type Advertise, type OwnCluster, startOwnCluster } from '../../setup/own-broker.ts';
import { type Address, FaultProxy, groupOf, type NetworkFaults } from '../fault-proxy.ts';

/** What the hubs stand on, with a proxy before each. */
export interface ChaosServices {
  readonly kafka: NetworkFaults;
  readonly mongo: NetworkFaults;
  readonly redis: NetworkFaults;
  /** Addresses for the hubs. */
  readonly environment: Readonly<Record<string, string>>;
  readonly brokers: string;
  killBroker(index: number): Promise<void>;
  restartBroker(index: number): Promise<void>;
  readonly brokerCount: number;
  /** Of the run, past the proxy. */
  readonly mongoUrl: string;
  dispose(): Promise<void>;
}

export interface ChaosServicesOptions {
  /** Of servers that others use, too. */
  readonly mongo: string;
  readonly redis: string;
  readonly name: string;
  readonly brokers: number;
}

function addressOf(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

/** Ports that were free a moment ago may not be any more on a machine with many tests. */
async function startBrokers(count: number, advertise: Advertise, triesLeft = 3): Promise<OwnCluster> {
  try {
    return await startOwnCluster(count, advertise);
  } catch (error) {
    if (triesLeft <= 1) throw error;
    return startBrokers(count, advertise, triesLeft - 1);
  }
}

async function dropDatabase(url: string): Promise<void> {
  const client = new MongoClient(url);
  try {
    await client.db().dropDatabase();
  } finally {
    await client.close();
  }
}

export async function startChaosServices(options: ChaosServicesOptions): Promise<ChaosServices> {
  const brokerProxies: FaultProxy[] = [];
  const kafka = groupOf(brokerProxies);
  const mongo = new FaultProxy(() => addressOf(options.mongo));
  const redis = new FaultProxy(() => addressOf(options.redis));
  const cluster = await startBrokers(options.brokers, async (port) => {
    const proxy = new FaultProxy(() => ({ host: '127.0.0.1', port }));
    brokerProxies.push(proxy);
    return proxy.listen();
  });
  const mongoUrl = options.mongo.replace('/?', `/${options.name}?`);
  return {
    kafka,
    mongo,
    redis,
    brokers: cluster.url,
    brokerCount: cluster.brokers.length,
    mongoUrl,
    environment: {
      PURSIGHT_KAFKA_BROKERS: cluster.url,
      // a driver that asked the replica set for its members would go past the proxy
      PURSIGHT_MONGO_URL: `mongodb://127.0.0.1:${await mongo.listen()}/${options.name}?directConnection=true`,
      PURSIGHT_REDIS_URL: `redis://127.0.0.1:${await redis.listen()}`,
      PURSIGHT_TOPIC_PREFIX: options.name,
    },
    killBroker: async (index) => cluster.brokers[index]?.kill(),
    restartBroker: async (index) => cluster.brokers[index]?.restart(),
    async dispose() {
      await Promise.all([kafka, mongo, redis].map((proxy) => proxy.close()));
      await cluster.dispose();
      await dropDatabase(mongoUrl);
    },
  };
}
