import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/** A web server of others before hubs. */
export interface Proxy {
  readonly url: string;
  /** What it wrote to its error log. */
  log(): string;
  stop(): Promise<void>;
}

/** Ports of the nodes that the shipped configurations name. */
export type NodePorts = Readonly<Record<'hub-1' | 'hub-2', number>>;

/** A folder that workers of another user can read. */
export function proxyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pursight-proxy-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Runs it; resolves when it listens. The folder is removed at the end. */
export async function startProxy(
  command: string,
  args: readonly string[],
  { port, folder }: { readonly port: number; readonly folder: string },
): Promise<Proxy> {
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = once(child, 'close');
  await Promise.race([
    eventually(() => assertListening(port)),
    ended.then(([code]) => Promise.reject(new Error(`${command} ended with ${code}:\n${log}`))),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function assertListening(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect').finally(() => socket.destroy());
}
