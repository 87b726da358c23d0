import { type Advertise, type OwnBroker, type OwnCluster, startOwnCluster } from '../../setup/own-broker.ts';
import { type OwnServer, startOwnServer } from '../../setup/own-server.ts';
import { type Address, FaultProxy, groupOf, type NetworkFaults } from '../fault-proxy.ts';

/** A server, and what can happen between it and the hubs. */
export interface ChaosServer {
  readonly server: OwnServer;
  readonly network: NetworkFaults;
}

/** What the hubs stand on, with a proxy before each. */
export interface ChaosServices {
  readonly kafka: {
    /** Of several the first must not be killed: it is the controller, too. */
    readonly brokers: readonly OwnBroker[];
    readonly network: NetworkFaults;
  };
  readonly mongo: ChaosServer;
  readonly redis: ChaosServer;
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

async function startServer(name: 'mongo' | 'redis'): Promise<ChaosServer & { readonly port: number }> {
  const server = await startOwnServer(name);
  const network = new FaultProxy(() => addressOf(server.url));
  return { server, network, port: await network.listen() };
}

export async function startChaosServices(options: ChaosServicesOptions): Promise<ChaosServices> {
  const brokerProxies: FaultProxy[] = [];
  const cluster = await startBrokers(options.brokers, async (port) => {
    const proxy = new FaultProxy(() => ({ host: '127.0.0.1', port }));
    brokerProxies.push(proxy);
    return proxy.listen();
  });
  const [mongo, redis] = await Promise.all([startServer('mongo'), startServer('redis')]);
  const kafka = { brokers: cluster.brokers, network: groupOf(brokerProxies) };
  return {
    ...{ kafka, mongo, redis },
    brokers: cluster.url,
    mongoUrl: mongo.server.url.replace('/?', `/${options.name}?`),
    environment: {
      PURSIGHT_KAFKA_BROKERS: cluster.url,
      // a driver that asked the replica set for its members would go past the proxy
      PURSIGHT_MONGO_URL: `mongodb://127.0.0.1:${mongo.port}/${options.name}?directConnection=true`,
      PURSIGHT_REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      PURSIGHT_TOPIC_PREFIX: options.name,
    },
    async dispose() {
      await Promise.all([kafka, mongo, redis].map(({ network }) => network.close()));
      await Promise.all([cluster, mongo.server, redis.server].map((each) => each.dispose()));
    },
  };
}
