import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { kafka, prepareBroker, prepareCluster, runBroker } from '../../deploy/services/kafka.mjs';
import { freePort, waitUntilReady } from '../../deploy/services/process.mjs';

/** A Kafka broker that a test may kill and bring back. */
export interface OwnBroker {
  readonly url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Brings it back with what it had stored; resolves when it answers. */
  restart(): Promise<void>;
  dispose(): Promise<void>;
}

/** Whether this machine can run a broker of its own (it may have only the address of one). */
export async function canRunBroker(): Promise<boolean> {
  return kafka.obtain().then(
    () => true,
    () => false,
  );
}

/** Makes clients reach a broker by another port than its own, e.g. that of a proxy. */
export type Advertise = (port: number) => Promise<number>;

export async function startOwnBroker(advertise: Advertise = async (port) => port): Promise<OwnBroker> {
  const dir = newFolder();
  const port = await freePort();
  const advertisedPort = await advertise(port);
  await prepareBroker(port, dir, advertisedPort);
  return startBroker(advertisedPort, dir);
}

/** Brokers that belong together; `url` names them all. The first must stay: it is also the controller. */
export interface OwnCluster {
  readonly url: string;
  readonly brokers: readonly OwnBroker[];
  dispose(): Promise<void>;
}

export async function startOwnCluster(count: number, advertise: Advertise = async (port) => port): Promise<OwnCluster> {
  const places: { readonly port: number; readonly advertisedPort: number; readonly dir: string }[] = [];
  for (let index = 0; index < count; index++) {
    const port = await freePort();
    places.push({ port, advertisedPort: await advertise(port), dir: newFolder() });
  }
  await prepareCluster(places);
  const brokers: OwnBroker[] = [];
  for (const { advertisedPort, dir } of places) brokers.push(await startBroker(advertisedPort, dir));
  return {
    url: brokers.map(({ url }) => url).join(','),
    brokers,
    async dispose() {
      for (const broker of brokers.toReversed()) await broker.dispose();
    },
  };
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'pursight-own-kafka-'));
}

/** Runs the broker of a prepared folder; `port` is the one that clients use. */
async function startBroker(port: number, dir: string): Promise<OwnBroker> {
  const url = kafka.url(port);
  let pid: number | undefined;
  const restart = async (): Promise<void> => {
    const started = runBroker(dir);
    pid = started;
    await waitUntilReady({ probe: () => kafka.probe(url), pid: started, dir, timeoutMs: 60_000 });
  };
  const kill = async (): Promise<void> => {
    if (pid !== undefined) await killAtOnce(pid);
    pid = undefined;
  };
  await restart();
  return {
    url,
    kill,
    restart,
    async dispose() {
      // nobody needs what it holds, and a broker that has lost its controller would wait for it
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function killAtOnce(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await pause(10);
  }
}
