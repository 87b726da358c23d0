import { kafka, prepareBroker, prepareCluster, runBroker } from '../../deploy/services/kafka.mjs';
import { freePort } from '../../deploy/services/process.mjs';
import { newServerFolder, type OwnServer, startServer } from './own-server.ts';

/** Whether this machine can run a broker of its own (it may have only the address of one). */
export async function canRunBroker(): Promise<boolean> {
  return kafka.obtain().then(
    () => true,
    () => false,
  );
}

/** Makes clients reach a broker by another port than its own, e.g. that of a proxy. */
export type Advertise = (port: number) => Promise<number>;

/** A Kafka broker that a test may kill, freeze and bring back. */
export async function startOwnBroker(advertise: Advertise = async (port) => port): Promise<OwnServer> {
  const dir = newServerFolder('kafka');
  const port = await freePort();
  const advertisedPort = await advertise(port);
  await prepareBroker(port, dir, advertisedPort);
  return startBroker(advertisedPort, dir);
}

/** Brokers that belong together; `url` names them all. The first must stay: it is also the controller. */
export interface OwnCluster {
  readonly url: string;
  readonly brokers: readonly OwnServer[];
  dispose(): Promise<void>;
}

export async function startOwnCluster(count: number, advertise: Advertise = async (port) => port): Promise<OwnCluster> {
  const places: { readonly port: number; readonly advertisedPort: number; readonly dir: string }[] = [];
  for (let index = 0; index < count; index++) {
    const port = await freePort();
    places.push({ port, advertisedPort: await advertise(port), dir: newServerFolder('kafka') });
  }
  await prepareCluster(places);
  const brokers: OwnServer[] = [];
  for (const { advertisedPort, dir } of places) brokers.push(await startBroker(advertisedPort, dir));
  return {
    url: brokers.map(({ url }) => url).join(','),
    brokers,
    async dispose() {
      for (const broker of brokers.toReversed()) await broker.dispose();
    },
  };
}

/** Runs the broker of a prepared folder; `port` is the one that clients use. */
function startBroker(port: number, dir: string): Promise<OwnServer> {
  const url = kafka.url(port);
  return startServer({ url, dir, run: () => runBroker(dir), probe: () => kafka.probe(url) });
}
