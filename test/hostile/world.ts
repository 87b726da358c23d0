import { randomUUID } from 'node:crypto';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { callApi } from '../harness/hub-api.ts';

/** `npm run test:hostile -- --long`: each attack for longer. */
export const isLong = process.env['PURSIGHT_TEST_HOSTILE'] === 'long';
export const attackSeconds = isLong ? 40 : 5;

const mebibyte = 1024 * 1024;
const [heapMebibytes, replayMebibytes, ringMebibytes] = [512, 32, 16];
/**
 * docs/operating.md, "Memory of a node": the heap, what of the past is being sent, what is on its way to the sockets, the
 * pages of the data file, and Node.js with its libraries. It has to hold whatever anybody does.
 */
export const mostRssBytes = (heapMebibytes + replayMebibytes + 240) * mebibyte;

const roles = {
  all: [{ allow: 'read' }, { allow: 'ingest' }],
  admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }, { allow: 'operate' }],
};
const attackers = 10;

export interface World {
  readonly hub: HubProcess;
  readonly port: number;
  readonly folder: string;
  /** Of the tenant that attacks, and of the one that only works. */
  readonly attackerTokens: readonly string[];
  readonly attackerConnector: string;
  readonly victimToken: string;
  readonly victimConnector: string;
  readonly victimAdmin: string;
  dispose(): Promise<void>;
}

export interface WorldOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Beside those for messages by HTTP. */
  readonly connectors?: readonly object[];
}

/** A hub with little memory and two tenants who have nothing to do with each other. */
export async function openWorld({ environment = {}, connectors = [] }: WorldOptions = {}): Promise<World> {
  const folder = scratchFolder();
  const hub = await startHubProcess({
    dataDir: folder.path,
    file: {
      connectors: [
        { id: 'attacker', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:acme' },
        { id: 'victim', format: 'cloudevents', tenant: 'globex', namespace: 'urn:gov:globex' },
        ...connectors,
      ],
      policy: { version: 1, roles },
    },
    environment: {
      NODE_OPTIONS: `--max-old-space-size=${heapMebibytes}`,
      PURSIGHT_LOG_LEVEL: 'warn',
      PURSIGHT_REPLAY_MEMORY_BYTES: String(replayMebibytes * mebibyte),
      PURSIGHT_RING_MAX_BYTES: String(ringMebibytes * mebibyte),
      ...environment,
    },
  });
  // good for hours before and after now: clocks are set, too
  const iat = Math.floor(Date.now() / 1000) - 3 * 3600;
  const tokenOf = (tenant: string, sub: string, role = 'all'): string =>
    tokenFor({ sub, tenant, roles: [role], ttlSeconds: 6 * 3600, claims: { iat } });
  return {
    hub,
    folder: folder.path,
    port: Number(new URL(hub.url).port),
    attackerTokens: Array.from({ length: attackers }, (_, index) => tokenOf('acme', `mallory-${index}`)),
    attackerConnector: 'attacker',
    victimToken: tokenOf('globex', 'ada'),
    victimConnector: 'victim',
    victimAdmin: tokenOf('globex', 'root', 'admin'),
    async dispose() {
      await hub.stop();
      folder.remove();
    },
  };
}

const batch = 50;

/** Documents of a tenant, each of about 4 KB: more in all than the kernel and the hub keep for a client. */
export async function seed(url: string, connector: string, token: string, count: number): Promise<void> {
  const run = randomUUID().slice(0, 8);
  for (let start = 0; start < count; start += batch) {
    const events = Array.from({ length: Math.min(batch, count - start) }, (_, index) => {
      const subject = `seed-${start + index}`;
      const data = { asset: { type: 'table', name: subject, description: 'x'.repeat(4000), domain: 'retail' } };
      return { specversion: '1.0', source: '/seed', id: `${run}-${subject}`, type: 'gov.asset.created', subject, data };
    });
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const { status, text } = await callApi(url, `/v1/ingest/${connector}`, {
      token,
      headers,
      body: JSON.stringify(events),
    });
    if (status !== 200) throw new Error(`the seed was refused: ${text}`);
  }
}
