import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { eventually } from '../harness/eventually.ts';
import { FaultProxy } from '../harness/fault-proxy.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster } from '../harness/hub-cluster.ts';
import {
  type HubProcess,
  type HubProcessOptions,
  scratchFolder,
  startHubProcess,
  tokenFor,
} from '../harness/hub-process.ts';
import { openRawSession, type RawSocket } from '../harness/raw-socket.ts';
import { describeWithServices } from '../setup/services.ts';
import { type ForeignClient, startForeignClient, startTokenServer, type TokenServer } from './foreign-client.ts';
import { byHeartbeat, runtimes } from './runtimes.ts';

/** Has no other transport to begin with. */
const bare = 'a bare WebSocket';
const patient = { timeoutMs: 60_000, everyMs: 50 };
const inCi = process.env['CI'] === 'true';
const writer = tokenFor({ sub: 'writer', roles: ['admin'] });
let serial = 0;

/** A change that every client has to hear of. */
async function change(url: string): Promise<string> {
  serial += 1;
  const subject = `thing ${serial} ü`;
  const data = { asset: { type: 'table', name: `changed-${serial}.` } };
  const event = { id: `${serial}`, type: 'gov.asset.created', subject, data };
  expect(await postCloudEvent(url, 'events', writer, event)).toMatchObject({ status: 200 });
  return `changed-${serial}.`;
}

for (const [name, runtime] of Object.entries(runtimes)) {
  const missing = runtime instanceof Error ? runtime.message : undefined;
  describe.skipIf(missing !== undefined && !inCi)(`${name} as it comes`, () => {
    const folder = scratchFolder();
    let options: HubProcessOptions;
    let hub: HubProcess;
    let tokens: TokenServer;
    let ttlSeconds = 600;
    let client: ForeignClient;

    const start = (url: string, environment: Readonly<Record<string, string>> = {}): ForeignClient => {
      if (runtime instanceof Error) throw runtime;
      return startForeignClient(runtime, { HUB_URL: url, TOKEN_URL: tokens.url, ...environment });
    };
    const isLive = (times: number): Promise<void> =>
      eventually(
        () => expect(client.count('live'), JSON.stringify(client.said.slice(-5))).toBeGreaterThanOrEqual(times),
        patient,
      );

    beforeAll(async () => {
      if (missing !== undefined) throw new Error(missing);
      options = {
        dataDir: folder.path,
        file: {
          connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' }],
          policy: { version: 1, roles: { admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }] } },
        },
        environment: { PURSIGHT_PORT: String(await freePort()) },
      };
      hub = await startHubProcess(options);
      tokens = await startTokenServer(() => tokenFor({ sub: 'foreign', roles: ['admin'], ttlSeconds }));
      client = start(hub.url);
      await isLive(1);
      await client.got(await change(hub.url));
    });
    afterAll(async () => {
      client?.stop();
      await hub?.stop();
      tokens?.close();
      folder.remove();
    });

    it.each(['SIGKILL', 'SIGTERM'] as const)('comes back after %s of the hub', { timeout: 100_000 }, async (signal) => {
      const lives = client.count('live');
      await hub.stop(signal);
      hub = await startHubProcess(options);
      await isLive(lives + 1);
      await client.got(await change(hub.url));
    });

    it.skipIf(byHeartbeat.has(name))('comes back after its token has expired, with the next', async () => {
      client.stop();
      ttlSeconds = 3;
      const before = tokens.given;
      client = start(hub.url);
      await isLive(2);
      expect(tokens.given - before).toBeGreaterThanOrEqual(2);
      expect(client.count('notice')).toBeGreaterThan(0);
      ttlSeconds = 600;
      await isLive(client.count('live') + 1);
      await client.got(await change(hub.url));
    });

    it.skipIf(byHeartbeat.has(name))('comes back after it was refused because too many connected', async () => {
      client.stop();
      await hub.stop();
      const environment = { ...options.environment, PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL: '2' };
      hub = await startHubProcess({ ...options, environment });
      const others: RawSocket[] = [];
      for (let index = 0; index < 2; index++)
        others.push(await openRawSession(hub.url, tokenFor({ sub: 'foreign', roles: ['admin'] })));
      client = start(hub.url);
      await eventually(
        async () => {
          const { text } = await callApi(hub.url, '/metrics');
          const refusals = /^pursight_refusals_total\{code="too-many-connections"\} (\d+)/m.exec(text)?.[1];
          expect(Number(refusals), JSON.stringify(client.said.slice(-5))).toBeGreaterThanOrEqual(1);
        },
        { timeoutMs: 30_000 },
      );
      for (const other of others) other.destroy();
      await isLive(1);
      await client.got(await change(hub.url));
    });

    it.skipIf(name === bare)('is told what to do when it begins with polling', async () => {
      client.stop();
      client = start(hub.url, { POLLING: '1' });
      await eventually(() => expect(client.said.length).toBeGreaterThan(0), { timeoutMs: 20_000 });
      // Java's tells only the status of the answer
      if (name !== 'Java socket.io-client') expect(JSON.stringify(client.said)).toContain("transports: ['websocket']");
      expect(client.count('live')).toBe(0);
    });
  });
}

describeWithServices(['kafka', 'mongo', 'redis'], 'clients of others on a node that is drained', (urls) => {
  const here = Object.entries(runtimes).filter(([name, each]) => !(each instanceof Error) && !byHeartbeat.has(name));

  it.each(here)('%s goes on at the other node', async (_name, runtime) => {
    const cluster = createHubCluster({ ...urls, name: 'foreign' });
    const nodes = [await cluster.start('one'), await cluster.start('two')];
    const front = new FaultProxy(() => ({ host: '127.0.0.1', port: Number(new URL(nodes[0]?.url ?? '').port) }));
    const tokens = await startTokenServer(() => tokenFor({ sub: 'foreign', roles: ['admin'] }));
    const url = `http://127.0.0.1:${await front.listen()}`;
    if (runtime instanceof Error) throw runtime;
    const client = startForeignClient(runtime, { HUB_URL: url, TOKEN_URL: tokens.url });
    try {
      await client.got(
        await eventually(async () => (expect(client.count('live')).toBe(1), change(nodes[0]?.url ?? '')), {
          timeoutMs: 30_000,
        }),
      );
      const leaving = nodes.shift();
      await leaving?.stop();
      await eventually(() => expect(client.count('live')).toBeGreaterThanOrEqual(2), { timeoutMs: 40_000 });
      await client.got(await change(nodes[0]?.url ?? ''));
    } finally {
      client.stop();
      tokens.close();
      await cluster.dispose();
      await front.close();
    }
  });
});
