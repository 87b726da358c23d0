import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { mongo } from '../../deploy/services/mongo.mjs';
import { freePort, waitUntilReady } from '../../deploy/services/process.mjs';
import { redis } from '../../deploy/services/redis.mjs';

/** A server that a test may kill, freeze and bring back. */
export interface OwnServer {
  /** What clients use, which may be the address of a proxy. */
  readonly url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Brings it back with what it had stored; resolves when it answers. */
  restart(): Promise<void>;
  /** Stops its process where it stands (SIGSTOP): its connections stay, and its kernel takes new ones. */
  freeze(): void;
  thaw(): void;
  dispose(): Promise<void>;
}

export interface OwnServerOptions {
  readonly url: string;
  /** Holds what it stores; removed by `dispose`. */
  readonly dir: string;
  /** Runs it, also again; gives its process id. */
  readonly run: () => number | Promise<number>;
  /** Rejects as long as it does not answer. */
  readonly probe: () => Promise<void>;
}

export function newServerFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `pursight-own-${name}-`));
}

export async function startServer({ url, dir, run, probe }: OwnServerOptions): Promise<OwnServer> {
  let pid: number | undefined;
  const restart = async (): Promise<void> => {
    const started = await run();
    pid = started;
    await waitUntilReady({ probe, pid: started, dir, timeoutMs: 60_000 });
  };
  const kill = async (): Promise<void> => {
    if (pid !== undefined) await killAtOnce(pid);
    pid = undefined;
  };
  const signal = (name: NodeJS.Signals): void => {
    if (pid !== undefined) process.kill(pid, name);
  };
  await restart();
  return {
    url,
    kill,
    restart,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async dispose() {
      // nobody needs what it holds, and a broker that has lost its controller would wait for it
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A MongoDB (replica set of one) or a Redis that others do not use. Rejects when this machine has none. */
export async function startOwnServer(name: 'mongo' | 'redis'): Promise<OwnServer> {
  const service = { mongo, redis }[name];
  await service.obtain();
  const dir = newServerFolder(name);
  const port = await freePort();
  const url = service.url(port);
  return startServer({ url, dir, run: () => service.start(port, dir), probe: () => service.probe(url) });
}

/** Whether this machine can run them itself (it may have only the address of one). */
export async function canRunServers(): Promise<boolean> {
  return Promise.all([mongo.obtain(), redis.obtain()]).then(
    () => true,
    () => false,
  );
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
