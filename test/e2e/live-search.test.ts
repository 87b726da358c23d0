import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { io, type Socket } from 'socket.io-client';
import type { SearchDeltaMessage, SearchResultMessage } from '../../channels/protocol/search.ts';
import { eventually } from '../harness/eventually.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { checkMessage } from '../harness/message-form.ts';

const file = {
  connectors: [{ id: 'events', tenant: 'acme', format: 'cloudevents', namespace: 'urn:gov:acme' }],
  policy: {
    version: 1,
    roles: {
      admin: [{ allow: 'administer' }, { allow: 'ingest' }, { allow: 'read' }],
      retail: [{ allow: 'read', where: { domain: 'retail' } }],
    },
  },
};
const admin = tokenFor({ roles: ['admin'] });
const retail = tokenFor({ roles: ['retail'] });

let serial = 0;
async function post(hub: HubProcess, type: string, subject: string, data: object): Promise<void> {
  const event = { id: `l${++serial}`, type, subject, data };
  expect(await postCloudEvent(hub.url, 'events', admin, event)).toMatchObject({ status: 200 });
}

/** A session that keeps one live search as protocol.md says. */
class Client {
  readonly socket: Socket;
  result: SearchResultMessage | undefined;
  names: string[] = [];
  readonly deltas: SearchDeltaMessage[] = [];
  #urns: string[] = [];

  constructor(url: string, token: string) {
    this.socket = io(url, { transports: ['websocket'], auth: { token, protocol: 1, client: 'test' }, forceNew: true });
    this.socket.onAny(checkMessage);
    this.socket.on('result', (result: SearchResultMessage) => {
      this.result = result;
      this.names = result.hits.map(({ entity }) => entity.name);
      this.#urns = result.hits.map(({ entity }) => entity.urn);
    });
    this.socket.on('delta', (delta: SearchDeltaMessage) => this.#take(delta));
  }

  ask(event: string, payload: object): Promise<unknown> {
    return this.socket.timeout(5000).emitWithAck(event, payload) as Promise<unknown>;
  }

  #take(delta: SearchDeltaMessage): void {
    expect(delta.room).toBe(this.result?.room);
    this.deltas.push(delta);
    for (const change of delta.changes) {
      const urn = 'hit' in change ? change.hit.entity.urn : change.urn;
      const at = this.#urns.indexOf(urn);
      const name = 'hit' in change ? change.hit.entity.name : (this.names[at] ?? '');
      if (change.kind === 'update') this.names[at] = name;
      else if (at !== -1) for (const list of [this.names, this.#urns]) list.splice(at, 1);
      if (change.kind !== 'enter' && change.kind !== 'move') continue;
      const place = change.after === null ? 0 : this.#urns.indexOf(change.after) + 1;
      this.names.splice(place, 0, name);
      this.#urns.splice(place, 0, urn);
    }
  }
}

const clients: Client[] = [];
afterEach(() => {
  for (const { socket } of clients.splice(0)) socket.disconnect();
});

async function connect(hub: HubProcess, token: string): Promise<Client> {
  const client = new Client(hub.url, token);
  clients.push(client);
  await new Promise((resolve) => client.socket.on('welcome', resolve));
  return client;
}

const folder = scratchFolder();
let hub: HubProcess;
beforeAll(async () => {
  hub = await startHubProcess({ dataDir: folder.path, file });
});
afterAll(async () => {
  await hub.stop();
  folder.remove();
});

it('W18 L13: a result stays true while the catalog changes, for each under their rights', async () => {
  const asset = (name: string, domain: string): object => ({ asset: { type: 'table', name, domain } });
  await post(hub, 'gov.asset.created', 'a', asset('customer_orders', 'retail'));
  const [all, some] = [await connect(hub, admin), await connect(hub, retail)];
  const request = { id: 'q', q: 'custoemr', facets: ['domain'], limit: 2, sort: ['name'] };
  for (const client of [all, some])
    await eventually(async () =>
      expect(await client.ask('search', request)).toMatchObject({ ok: true, id: 'q', rev: 0 }),
    );
  await eventually(() => expect([all.names, some.names]).toEqual([['customer_orders'], ['customer_orders']]));

  await post(hub, 'gov.asset.created', 'b', asset('customer_accounts', 'risk'));
  await eventually(() => expect(all.names).toEqual(['customer_accounts', 'customer_orders']));
  await post(hub, 'gov.asset.created', 'c', asset('customers', 'retail'));
  await eventually(() =>
    expect([all.names, some.names]).toEqual([
      ['customer_accounts', 'customer_orders'],
      ['customer_orders', 'customers'],
    ]),
  );
  await eventually(() => expect(all.deltas.at(-1)).toMatchObject({ total: { value: 3, relation: 'exact' } }));
  // the place that it leaves is taken by the next
  await post(hub, 'gov.asset.deleted', 'b', {});
  await eventually(() => expect(all.names).toEqual(['customer_orders', 'customers']));
  await post(hub, 'gov.domain.changed', 'a', { domain: 'risk' });
  await eventually(() => expect([all.names, some.names]).toEqual([['customer_orders', 'customers'], ['customers']]));
  expect(JSON.stringify(some.deltas)).not.toContain('accounts');
});

it('W18: takes another query while somebody types, only the last of which counts, and ends', async () => {
  const client = await connect(hub, admin);
  const asked = ['c', 'cu', 'cus', 'cust'].map((q, rev) => client.ask('search', { id: 't', rev, q }));
  const answers = (await Promise.all(asked)) as { readonly ok: boolean; readonly error?: { readonly code: string } }[];
  expect(answers.at(-1)).toMatchObject({ ok: true, rev: 3 });
  for (const { ok, error } of answers.slice(0, -1)) if (!ok) expect(error?.code).toBe('unknown-subscription');
  await eventually(() => expect(client.result).toMatchObject({ rev: 3, total: { value: 2 } }));
  expect(await client.ask('search', { id: 't', rev: 2, q: 'x' })).toMatchObject({ error: { code: 'invalid-request' } });
  expect(await client.ask('unsearch', { id: 't' })).toEqual({ ok: true });
  expect(await client.ask('unsearch', { id: 't' })).toMatchObject({ error: { code: 'unknown-subscription' } });
});

it('W18: answers once, and refuses by field', async () => {
  const client = await connect(hub, admin);
  expect(await client.ask('search', { id: 'o', once: true, q: '"customers"' })).toEqual({
    ok: true,
    id: 'o',
    rev: 0,
    room: '',
  });
  await eventually(() => expect(client.names).toEqual(['customers']));
  for (const [request, code, message] of [
    [{ q: 'x' }, 'invalid-request', /^id/],
    [{ id: 'o', limit: 0 }, 'invalid-request', /^limit/],
    [{ id: 'o', query: 'x' }, 'invalid-request', /query/],
    [{ id: 'o', filter: { nothing: 1 } }, 'invalid-filter', /nothing/],
    [{ id: 'o', rev: -1 }, 'invalid-request', /^rev/],
  ] as const)
    expect(await client.ask('search', request)).toMatchObject({
      ok: false,
      error: { code, message: expect.stringMatching(message) },
    });
});
