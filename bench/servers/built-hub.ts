/** The built hub in cluster mode, in a process of its own on CPU 0, as it is deployed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { benchSecret } from '../load/bench-token.ts';
import { type Cluster, within } from './cluster.ts';

export interface BuiltHub {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface BuiltHubOptions {
  readonly cluster: Cluster;
  readonly components: string;
  readonly logPartitions: number;
  readonly connectors: readonly object[];
  /** Flags of Node, a profiler's for example. */
  readonly flags?: readonly string[];
}

const main = fileURLToPath(new URL('../../server/main.js', import.meta.url));
const policy = { version: 1, roles: { steward: [{ allow: 'read', kinds: ['asset'] }] } };
const ticksPerSecond = 100;

function environmentOf({ cluster, logPartitions }: BuiltHubOptions, folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PURSIGHT_'));
  return {
    ...Object.fromEntries(inherited),
    PURSIGHT_PORT: '0',
    PURSIGHT_LOG_LEVEL: 'warn',
    PURSIGHT_DATA_DIR: folder,
    PURSIGHT_CONFIG: join(folder, 'hub.yaml'),
    PURSIGHT_JWT_SECRET: benchSecret,
    PURSIGHT_SECRET: benchSecret,
    PURSIGHT_KAFKA_BROKERS: cluster.brokers,
    PURSIGHT_MONGO_URL: cluster.mongoUrl,
    PURSIGHT_REDIS_URL: cluster.redisUrl,
    PURSIGHT_TOPIC_PREFIX: cluster.prefix,
    PURSIGHT_LOG_PARTITIONS: String(logPartitions),
    PURSIGHT_MAX_CONNECTIONS_PER_ADDRESS: '100000',
    PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL: '100000',
  };
}

export function untilReady(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const port = /^hub ready http\S+:(\d+)$/m.exec(output)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.once('exit', (code) => reject(new Error(`the hub ended with ${code}`)));
  });
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

export async function startBuiltHub(options: BuiltHubOptions): Promise<BuiltHub> {
  const folder = mkdtempSync(join(tmpdir(), 'pursight-bench-'));
  writeFileSync(join(folder, 'hub.yaml'), stringify({ connectors: options.connectors, policy }));
  const args = [...(options.flags ?? []), main, 'serve', '--components', options.components];
  const child = spawn(process.execPath, args, {
    env: environmentOf(options, folder),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = child.pid ?? 0;
  spawnSync('taskset', ['-acp', '0', String(pid)], { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { port: await within(30, 'start of the hub', untilReady(child)), pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** User and system time of a process and all its threads so far. Linux only. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // the name of the program may hold blanks; utime and stime are the 12th and 13th field after it
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
