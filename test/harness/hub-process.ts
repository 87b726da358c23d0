import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import jwt from 'jsonwebtoken';
import { stringify } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));
const builtHub = join(root, 'dist/cli/main.js');
const readyTimeoutMs = 30_000;

/** Secrets that all hubs of a test share, so that any node takes any token. */
export const testSecrets = {
  jwt: 'test-jwt-secret-0123456789-abcdefghijklmnop',
  hub: 'test-hub-secret-0123456789-abcdefghijklmnop',
};

export interface TokenOptions {
  readonly sub?: string;
  readonly tenant?: string;
  readonly roles: readonly string[];
  readonly ttlSeconds?: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A token that the hubs of a test accept. */
export function tokenFor({ sub = 'ada', tenant = 'acme', roles, ttlSeconds = 600, claims = {} }: TokenOptions): string {
  return jwt.sign({ ...claims, tenant, roles }, testSecrets.jwt, {
    algorithm: 'HS256',
    issuer: 'pursight',
    audience: 'pursight-hub',
    subject: sub,
    jwtid: randomUUID(),
    expiresIn: ttlSeconds,
  });
}

/** A built hub in a process of its own. */
export interface HubProcess {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to standard error so far. */
  log(): string;
  /** Resolves when the process has ended, with the exit code, or null after a signal that it did not handle. */
  readonly exited: Promise<number | null>;
  /** Ends the process; resolves with the exit code, or null after a signal that it did not handle. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface HubProcessOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Written to a YAML file and given as PURSIGHT_CONFIG. */
  readonly file?: object;
  /** Kept between restarts of a test; a new temporary folder otherwise. */
  readonly dataDir?: string;
  readonly args?: readonly string[];
}

/** A folder that is removed when the test is over. */
export function scratchFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'pursight-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function withoutHubSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // the engine is the one thing that a whole test run may choose for all hubs
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('PURSIGHT_') || name === 'PURSIGHT_WS_ENGINE'),
  );
}

/** Resolves when the hub says that it is ready; rejects with its log when it ends before. */
export async function startHubProcess(options: HubProcessOptions = {}): Promise<HubProcess> {
  const folder = options.dataDir ?? scratchFolder().path;
  const config: Record<string, string> = {};
  if (options.file !== undefined) {
    config['PURSIGHT_CONFIG'] = join(folder, 'hub.yaml');
    // whole or not at all: another hub may be reading it
    writeFileSync(`${config['PURSIGHT_CONFIG']}.new`, stringify(options.file));
    renameSync(`${config['PURSIGHT_CONFIG']}.new`, config['PURSIGHT_CONFIG']);
  }
  const child = spawn(process.execPath, [builtHub, 'serve', ...(options.args ?? [])], {
    env: {
      ...withoutHubSettings(process.env),
      PURSIGHT_PORT: '0',
      // clients of tests that do not know `goaway` would hold up every stop
      PURSIGHT_DRAIN_MS: '500',
      PURSIGHT_DATA_DIR: folder,
      PURSIGHT_JWT_SECRET: testSecrets.jwt,
      PURSIGHT_SECRET: testSecrets.hub,
      ...config,
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // not `exit`: what it has written last may still be on its way then
  const exited = new Promise<number | null>((resolve) => void child.once('close', (code) => resolve(code)));
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      reject(new Error(`the hub was not ready in time:\n${output}${log}`));
      // nobody could stop it any more
      child.kill('SIGKILL');
    }, readyTimeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const ready = /^hub ready (http\S+)$/m.exec(output)?.[1];
      if (ready === undefined) return;
      clearTimeout(timer);
      resolve(ready);
    });
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`the hub ended with ${code} before it was ready:\n${log}`));
    });
  });
  return {
    url,
    pid: child.pid ?? 0,
    log: () => log,
    exited,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}
