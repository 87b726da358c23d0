/** The built hub in embedded mode, in a process of its own, on a folder that stays when it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { benchTenant } from '../load/bench-events.ts';
import { benchSecret } from '../load/bench-token.ts';
import { benchNamespace } from '../load/cloud-events.ts';
import { untilReady } from './built-hub.ts';
import { within } from './cluster.ts';

export interface EmbeddedHub {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process until it said that it is ready. */
  readonly readyMs: number;
  /** Resolves when the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface EmbeddedHubOptions {
  readonly folder: string;
  /** The built main.js of another version, to compare with. */
  readonly main?: string;
  /** Flags of Node, a profiler's for example. */
  readonly flags?: readonly string[];
}

export const benchConnector = 'bench';
const builtMain = fileURLToPath(new URL('../../server/main.js', import.meta.url));
const connector = { id: benchConnector, format: 'cloudevents', tenant: benchTenant, namespace: benchNamespace };
const policy = {
  version: 1,
  roles: { steward: [{ allow: 'read', kinds: ['asset'] }, { allow: 'ingest' }] },
};

function environmentOf(folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PURSIGHT_'));
  return {
    ...Object.fromEntries(inherited),
    PURSIGHT_PORT: '0',
    PURSIGHT_LOG_LEVEL: 'warn',
    PURSIGHT_DATA_DIR: join(folder, 'data'),
    PURSIGHT_CONFIG: join(folder, 'hub.yaml'),
    PURSIGHT_JWT_SECRET: benchSecret,
    PURSIGHT_SECRET: benchSecret,
  };
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await ended;
}

export async function startEmbeddedHub({
  folder,
  main = builtMain,
  flags = [],
}: EmbeddedHubOptions): Promise<EmbeddedHub> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'hub.yaml'), stringify({ connectors: [connector], policy }));
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...flags, main, 'serve'], {
    env: environmentOf(folder),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await within(120, 'start of the hub', untilReady(child));
    return {
      url: `http://127.0.0.1:${port}`,
      pid: child.pid ?? 0,
      readyMs: performance.now() - startedMs,
      end: (signal) => end(child, signal),
    };
  } catch (error) {
    await end(child, 'SIGKILL');
    throw error;
  }
}
