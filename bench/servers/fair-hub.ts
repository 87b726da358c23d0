/** The built hub on embedded storage with two tenants, on CPU 0. */
import { mintToken } from '../../server/identity/token-verifier.ts';
import { benchSecret } from '../load/bench-token.ts';
import { type HubProcess, startHubProcess } from './hub-process.ts';

const tenants = ['busy', 'calm'] as const;
const file = {
  connectors: tenants.map((tenant) => ({ id: tenant, format: 'cloudevents', tenant, namespace: `urn:gov:${tenant}` })),
  policy: { version: 1, roles: { all: [{ allow: 'read' }, { allow: 'ingest' }] } },
};

export function fairToken(tenant: (typeof tenants)[number], sub: string): string {
  const of = { secret: benchSecret, issuer: 'pursight', audience: 'pursight-hub', roles: ['all'], ttlSeconds: 7200 };
  return mintToken({ ...of, tenant, sub });
}

/** `profile`: a folder for its CPU profile. */
export function startFairHub({ profile }: { readonly profile?: string } = {}): Promise<HubProcess> {
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  return startHubProcess({ file, environment: { PURSIGHT_LOG_LEVEL: 'error' }, isPinned: true, flags });
}
