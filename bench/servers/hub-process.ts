/** The built hub as it is deployed, in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { benchSecret } from '../load/bench-token.ts';
import { within } from './cluster.ts';

export interface HubProcess {
  readonly port: number;
  readonly pid: number;
  /** Resolves when the process is gone; one that does not end within 15 s is killed. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface HubProcessOptions {
  /** For its configuration file and its data. One that is given stays; else it has one of its own, which goes with it. */
  readonly folder?: string;
  /** What the configuration file says. */
  readonly file: object;
  readonly environment?: NodeJS.ProcessEnv;
  /** The built main.js of another version, to compare with. */
  readonly main?: string;
  /** Arguments behind `serve`. */
  readonly args?: readonly string[];
  /** Flags of Node, a profiler's for example. */
  readonly flags?: readonly string[];
  /** On CPU 0 only. */
  readonly isPinned?: boolean;
  readonly startSeconds?: number;
}

const builtMain = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

function environmentOf(folder: string, environment: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PURSIGHT_'));
  return {
    ...Object.fromEntries(inherited),
    PURSIGHT_PORT: '0',
    PURSIGHT_LOG_LEVEL: 'warn',
    PURSIGHT_DATA_DIR: join(folder, 'data'),
    PURSIGHT_CONFIG: join(folder, 'hub.yaml'),
    PURSIGHT_JWT_SECRET: benchSecret,
    PURSIGHT_SECRET: benchSecret,
    ...environment,
  };
}

function untilReady(child: ChildProcess): Promise<number> {
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

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

export async function startHubProcess(options: HubProcessOptions): Promise<HubProcess> {
  const { file, main = builtMain, args = [], flags = [], isPinned = false, startSeconds = 30 } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'pursight-bench-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'hub.yaml'), stringify(file));
  const child = spawn(process.execPath, [...flags, main, 'serve', ...args], {
    env: environmentOf(folder, options.environment),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = child.pid ?? 0;
  if (isPinned) spawnSync('taskset', ['-acp', '0', String(pid)], { stdio: 'ignore' });
  const stop: HubProcess['stop'] = async (signal = 'SIGTERM') => {
    await end(child, signal);
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { port: await within(startSeconds, 'start of the hub', untilReady(child)), pid, stop };
  } catch (error) {
    await stop('SIGKILL');
    throw error;
  }
}
