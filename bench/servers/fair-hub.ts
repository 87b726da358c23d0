/** The built hub on embedded storage with two tenants, on CPU 0. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { mintToken } from '../../server/security/token-verifier.ts';
import { benchSecret } from '../load/bench-token.ts';
import { end, untilReady } from './built-hub.ts';
import { within } from './cluster.ts';

const main = fileURLToPath(new URL('../../server/main.js', import.meta.url));
const tenants = ['busy', 'calm'] as const;
const file = {
  connectors: tenants.map((tenant) => ({ id: tenant, format: 'cloudevents', tenant, namespace: `urn:gov:${tenant}` })),
  policy: { version: 1, roles: { all: [{ allow: 'read' }, { allow: 'ingest' }] } },
};

export function fairToken(tenant: (typeof tenants)[number], sub: string): string {
  const of = { secret: benchSecret, issuer: 'pursight', audience: 'pursight-hub', roles: ['all'], ttlSeconds: 7200 };
  return mintToken({ ...of, tenant, sub });
}

export async function startFairHub(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'pursight-bench-'));
  writeFileSync(join(folder, 'hub.yaml'), stringify(file));
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PURSIGHT_'));
  const child = spawn(process.execPath, [main, 'serve'], {
    env: {
      ...Object.fromEntries(inherited),
      PURSIGHT_PORT: '0',
      PURSIGHT_LOG_LEVEL: 'error',
      PURSIGHT_DATA_DIR: folder,
      PURSIGHT_CONFIG: join(folder, 'hub.yaml'),
      PURSIGHT_JWT_SECRET: benchSecret,
      PURSIGHT_SECRET: benchSecret,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  spawnSync('taskset', ['-acp', '0', String(child.pid)], { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { port: await within(30, 'start of the hub', untilReady(child)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
