import { createHub, type Hub } from '@pursight/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { eventually } from '../harness/eventually.ts';
import { FaultProxy } from '../harness/fault-proxy.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';

const file = {
  connectors: [{ id: 'events', tenant: 'acme', format: 'cloudevents', namespace: 'urn:gov:acme' }],
  policy: {
    version: 1,
    roles: {
      admin: [{ allow: 'ingest' }, { allow: 'read' }],
      viewer: [{ allow: 'read' }, { deny: 'read', where: { domain: 'secret' } }],
    },
  },
};
const admin = tokenFor({ roles: ['admin'] });
const folder = scratchFolder();
let port = 0;
let hub: HubProcess;
const proxy = new FaultProxy(() => ({ host: '127.0.0.1', port }));
let url = '';
const clients: Hub[] = [];

async function startHub(): Promise<void> {
  hub = await startHubProcess({ dataDir: folder.path, file, environment: { PURSIGHT_PORT: String(port) } });
}

let serial = 0;
async function post(type: string, subject: string, data: object): Promise<void> {
  const event = { id: `c${++serial}`, type, subject, data };
  expect(await postCloudEvent(hub.url, 'events', admin, event)).toMatchObject({ status: 200 });
}

async function create(name: string, domain = 'retail'): Promise<void> {
  await post('gov.asset.created', name, { asset: { type: 'table', name, domain } });
}

function connect(token: string | (() => string)): Hub {
  const client = createHub({ url, token, client: 'search test', reconnect: { minMs: 50, maxMs: 300 } });
  clients.push(client);
  return client;
}

const names = (search: { readonly hits: readonly { readonly entity: { readonly name: string } }[] }) =>
  search.hits.map(({ entity }) => entity.name);

beforeAll(async () => {
  port = await freePort();
  await startHub();
  url = `http://127.0.0.1:${await proxy.listen()}`;
  for (const name of ['orders_a', 'orders_b', 'orders_c', 'customers']) await create(name);
});

afterAll(async () => {
  for (const client of clients) client.close();
  await proxy.close();
  await hub.stop();
  folder.remove();
});

describe('live searches of the client library and a hub', () => {
  it('W18 D9: as fast as somebody types, the last query is answered', async () => {
    const search = connect(admin).search('', { sort: ['name'] });
    await search.live;
    await eventually(() => expect(search.total.value).toBe(4));
    for (let length = 1; length <= 'customers'.length; length += 1) search.setQuery('customers'.slice(0, length));
    expect([names(search).length, search.isSearching]).toEqual([4, true]);
    await eventually(() => expect([names(search), search.isSearching]).toEqual([['customers'], false]));
    for (const q of ['o', 'or', 'ord', 'orders']) {
      search.setQuery(q);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await eventually(() => expect(names(search)).toEqual(['orders_a', 'orders_b', 'orders_c']));
    await create('orders_aa');
    await eventually(() => expect(names(search)).toEqual(['orders_a', 'orders_aa', 'orders_b', 'orders_c']));
  });

  it.each(['network', 'SIGKILL', 'SIGTERM'] as const)(
    'D9: after a break (%s) only differences are told',
    async (by) => {
      const search = connect(admin).search('orders', { sort: ['name'], limit: 50 });
      await search.live;
      const before = search.hits;
      const told: string[] = [];
      search.on('result', () => told.push('result'));
      search.on('change', ({ changes }) => told.push(...changes.map(({ kind }) => kind)));
      if (by === 'network') {
        proxy.refuse();
        proxy.cut();
        await create('orders_z');
        proxy.restore();
      } else {
        await hub.stop(by);
        await startHub();
        await create(`orders_${by}`);
      }
      await eventually(() => expect(search.hits).toHaveLength(before.length + 1), { timeoutMs: 20_000 });
      expect(told).toEqual(['enter']);
      expect(before.every((hit) => search.hits.includes(hit))).toBe(true);
      expect(search.status).toBe('live');
      search.close();
    },
  );

  it('P5 D8: a renewed token with fewer rights leaves only what these allow', async () => {
    await create('salaries', 'secret');
    await create('salaries_public');
    let calls = 0;
    const client = connect(() =>
      tokenFor({ sub: 'eva', roles: [(calls += 1) === 1 ? 'admin' : 'viewer'], ttlSeconds: 4 }),
    );
    const search = client.search('salaries', { sort: ['name'] });
    await search.live;
    await eventually(() => expect(names(search)).toEqual(['salaries', 'salaries_public']));
    const told: unknown[] = [];
    search.on('policy', ({ reason }) => told.push(reason, names(search)));
    await eventually(() => expect(names(search)).toEqual(['salaries_public']), { timeoutMs: 15_000 });
    expect(told.slice(0, 2)).toEqual(['token', ['salaries_public']]);
    client.close();
  });

  it('searches once, and hears why not', async () => {
    const client = connect(admin);
    const { hits, total } = await client.search.once('custoemrs', { facets: ['domain'], limit: 1 });
    expect([names({ hits }), total]).toEqual([['customers'], { value: 1, relation: 'exact' }]);
    await expect(client.search.once('x', { filter: { nothing: 1 } })).rejects.toMatchObject({ code: 'invalid-filter' });
  });
});
