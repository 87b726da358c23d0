import { type Advertise, type OwnCluster, startOwnCluster } from '../../setup/own-broker.ts';
import type { OwnServer } from '../../setup/own-server.ts';
import { FaultProxy, groupOf, type NetworkFaults } from '../fault-proxy.ts';
import { type ProxiedServer, startProxiedServer } from '../proxied-server.ts';

/** What the hubs stand on, with a proxy before each. */
export interface ChaosServices {
  readonly kafka: {
    /** Of several the first must not be killed: it is the controller, too. */
    readonly brokers: readonly OwnServer[];
    /** Of all of them. */
    readonly proxy: NetworkFaults;
  };
  readonly mongo: ProxiedServer;
  readonly redis: ProxiedServer;
  /** Addresses for the hubs. */
  readonly environment: Readonly<Record<string, string>>;
  readonly brokers: string;
  /** Of the run, past the proxy. */
  readonly mongoUrl: string;
  dispose(): Promise<void>;
}

export interface ChaosServicesOptions {
  readonly name: string;
  readonly brokers: number;
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

export async function startChaosServices(options: ChaosServicesOptions): Promise<ChaosServices> {
  const brokerProxies: FaultProxy[] = [];
  const cluster = await startBrokers(options.brokers, async (port) => {
    const proxy = new FaultProxy(() => ({ host: '127.0.0.1', port }));
    brokerProxies.push(proxy);
    return proxy.listen();
  });
  const [mongo, redis] = await Promise.all([startProxiedServer('mongo'), startProxiedServer('redis')]);
  const kafka = { brokers: cluster.brokers, proxy: groupOf(brokerProxies) };
  return {
    ...{ kafka, mongo, redis },
    brokers: cluster.url,
    mongoUrl: mongo.server.url.replace('/?', `/${options.name}?`),
    environment: {
      PURSIGHT_KAFKA_BROKERS: cluster.url,
      PURSIGHT_MONGO_URL: mongo.url.replace('/?', `/${options.name}?`),
      PURSIGHT_REDIS_URL: redis.url,
      PURSIGHT_TOPIC_PREFIX: options.name,
    },
    async dispose() {
      await Promise.all([kafka, mongo, redis].map(({ proxy }) => proxy.close()));
      await Promise.all([cluster, mongo.server, redis.server].map((each) => each.dispose()));
    },
  };
}
