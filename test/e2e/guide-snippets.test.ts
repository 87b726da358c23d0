import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHub, type Hub, type LiveSearch, type Subscription, type View } from '@pursight/client';
import * as hooks from '@pursight/client/react';
import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import * as React from 'react';
import TestRenderer from 'react-test-renderer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { loadSnippet } from '../harness/doc-snippets.ts';
import { eventually } from '../harness/eventually.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const admin = tokenFor({ tenant: 'demo', roles: ['admin'] });

/** The first block of a document that has `text` in it. */
function blockWith(document: string, text: string): string {
  const blocks = readFileSync(join(root, document), 'utf8').matchAll(/^```(?:tsx?|js)\n([\s\S]*?)^```$/gm);
  const found = [...blocks].map(([, code = '']) => code).find((code) => code.includes(text));
  if (found === undefined) throw new Error(`${document} has no block with ${text}`);
  return found;
}

describe('the snippets of the client guides work as they stand', () => {
  const folder = scratchFolder();
  const open: Hub[] = [];
  let server: HubProcess;

  beforeAll(async () => {
    server = await startHubProcess({ dataDir: folder.path });
    const asset = { type: 'table', name: 'orders', domain: 'risk', classifications: ['pii/iban'] };
    const event = { id: '1', type: 'gov.asset.created', subject: 'orders', data: { asset } };
    expect(await postCloudEvent(server.url, 'events', admin, event)).toMatchObject({ status: 200 });
  });

  afterAll(async () => {
    for (const hub of open) hub.close();
    await server?.stop();
    folder.remove();
  });

  async function create(name: string): Promise<void> {
    const event = { id: name, type: 'gov.asset.created', subject: name, data: { asset: { type: 'table', name } } };
    expect(await postCloudEvent(server.url, 'events', admin, event)).toMatchObject({ status: 200 });
  }

  function connect(options: Parameters<typeof createHub>[0]): Hub {
    const hub = createHub(options);
    open.push(hub);
    return hub;
  }

  function connected(): Hub {
    return connect({ url: server.url, token: admin });
  }

  it('a feed with a filter and a view', async () => {
    const snippet = await loadSnippet(
      blockWith('docs/sdk.md', "hub.view('classification"),
      ['hub'],
      ['tables', 'personal'],
    );
    const { tables, personal } = (await snippet({ hub: connected() })) as { tables: Subscription; personal: View };
    await tables.live;
    await personal.live;
    expect(personal.items.map(({ entity }) => entity.name)).toEqual(['orders']);
  });

  it('a feed from a time on', async () => {
    const snippet = await loadSnippet(blockWith('docs/sdk.md', 'since:'), ['hub', 'console'], ['events']);
    const said: string[] = [];
    const console = { error: (line: string) => said.push(line) };
    const { events } = (await snippet({ hub: connected(), console })) as { events: Subscription };
    const seen: string[] = [];
    events.on('event', ({ subject }) => seen.push(subject));
    await eventually(() => expect(said).toContain('up to now'));
    expect(seen).toEqual(['urn:gov:demo:orders']);
  });

  it('a function that gives tokens', async () => {
    const snippet = await loadSnippet(blockWith('docs/sdk.md', '/my/token'), ['createHub', 'url', 'fetch'], ['hub']);
    const asked: string[] = [];
    const fetch = (path: string): Promise<Response> => (asked.push(path), Promise.resolve(new Response(admin)));
    const { hub } = (await snippet({ createHub: connect, url: server.url, fetch })) as { hub: Hub };
    await hub.channel('assets').live;
    expect(asked).toEqual(['/my/token']);
  });

  it('a request, and a change of what was read', async () => {
    const snippet = await loadSnippet(blockWith('docs/sdk.md', 'hub.patch(asset'), ['hub', 'urn', 'crypto'], ['asset']);
    const [hub, urn] = [connected(), 'urn:gov:demo:orders'];
    const { asset } = (await snippet({ hub, urn, crypto })) as { asset: string };
    expect((await hub.get(asset)).body).toMatchObject({ name: 'orders', description: 'orders, checked' });
    await expect(hub.patch(asset, {}, { ifMatch: '"other"' })).rejects.toMatchObject({ code: 'precondition-failed' });
  });

  it('a request for what depends on an asset', async () => {
    const snippet = await loadSnippet(blockWith('docs/sdk.md', 'hub.get<Impact>'), ['hub', 'asset'], ['owners']);
    const hub = connected();
    const asset = `/v1/assets/${encodeURIComponent('urn:gov:demo:orders')}`;
    expect(await snippet({ hub, asset })).toEqual({ owners: [] });
  });

  it('a React component', async () => {
    const Row = ({ item }: { readonly item: { readonly entity: { readonly name: string } } }): string =>
      item.entity.name;
    const snippet = await loadSnippet(
      blockWith('docs/sdk.md', 'useView'),
      ['React', 'Row', ...Object.keys(hooks)],
      ['Tables'],
    );
    const { Tables } = await snippet({ React, Row, ...hooks });
    const hub = connected();
    const rendered = TestRenderer.create(
      React.createElement(Tables as React.FC<object>, { hub, domain: 'risk' } as object),
    );
    await eventually(() => expect(rendered.toJSON()).toBe('orders'));
    rendered.unmount();
  });

  it('a search while somebody types, and once', async () => {
    const snippet = await loadSnippet(
      blockWith('docs/sdk.md', 'show(search.hits'),
      ['hub', 'input', 'show'],
      ['search'],
    );
    const shown: string[] = [];
    const input = Object.assign(new EventTarget(), { value: '' });
    const show = (hits: LiveSearch['hits'], total: LiveSearch['total'], { domain }: LiveSearch['facets']): void =>
      void shown.push(`${hits.map(({ entity }) => entity.name).join(' ')} ${total.value} ${domain?.[0]?.value ?? '-'}`);
    const hub = connected();
    const { search } = (await snippet({ hub, input, show })) as { search: LiveSearch };
    await search.live;
    expect(shown).toEqual([' 0 -']);
    input.value = 'ordres';
    input.dispatchEvent(new Event('input'));
    await eventually(() => expect(shown.at(-1)).toBe('orders 1 risk'));

    const once = await loadSnippet(blockWith('docs/sdk.md', 'search.once'), ['hub', 'console'], ['total']);
    const said: unknown[] = [];
    await create('customers');
    await eventually(async () => {
      await once({ hub, console: { log: (...words: readonly unknown[]) => said.push(words) } });
      expect(said.at(-1)).toEqual([1, 'customers']);
    });
  });

  it('a React component with a search', async () => {
    await create('product_orders');
    const snippet = await loadSnippet(
      blockWith('docs/sdk.md', 'useSearch'),
      ['React', ...Object.keys(hooks)],
      ['Found'],
    );
    const { Found } = await snippet({ React, ...hooks });
    const props = { hub: connected(), text: '"product"' };
    const rendered = TestRenderer.create(React.createElement(Found as React.FC<object>, props));
    const texts = (): string => JSON.stringify(rendered.toJSON()).replaceAll(/[^\w<>]+/g, ' ');
    await eventually(() => expect(texts()).toMatch(/ 1 found .*b .*product_orders.*mark .* product .*_orders/));
    rendered.unmount();
  });

  it('the page of the package', async () => {
    const names = ['createHub', 'fetchToken', 'reload', 'render', 'showFound', 'console'];
    const snippet = await loadSnippet(blockWith('client-sdk/README.md', 'for await'), names, []);
    const lines: string[] = [];
    let [shown, found] = [0, -1];
    const ended = snippet({
      createHub: (options: Parameters<typeof createHub>[0]) => connect({ ...options, url: server.url }),
      fetchToken: () => admin,
      reload: () => undefined,
      render: (items: readonly unknown[]) => (shown = items.length),
      showFound: (hits: readonly unknown[]) => (found = hits.length),
      console: { log: (...words: readonly string[]) => lines.push(words.join(' ')), warn: () => undefined },
    });
    const hub = open.at(-1);
    await eventually(() => expect(hub?.status).toBe('live'));
    await eventually(async () => {
      const asset = { type: 'table', name: `more/${lines.length}` };
      const event = {
        id: String(Math.random()),
        type: 'gov.asset.created',
        subject: `more/${Date.now()}`,
        data: { asset },
      };
      await postCloudEvent(server.url, 'events', admin, event);
      expect(lines[0]).toMatch(/^enter urn:gov:demo:more/);
    });
    await eventually(() => expect(found).toBeGreaterThanOrEqual(0));
    hub?.close();
    await ended;
    expect(shown).toBe(1);
  });

  it('a feed and a view that ask for less', async () => {
    const snippet = await loadSnippet(blockWith('docs/sdk.md', 'alarms'), ['hub', 'notify'], ['alarms', 'rows']);
    const told: unknown[] = [];
    const notify = (...what: readonly unknown[]): unknown => told.push(what);
    const { alarms, rows } = (await snippet({ hub: connected(), notify })) as { alarms: Subscription; rows: View };
    await alarms.live;
    await rows.live;
    const orders = 'urn:gov:demo:orders';
    const row = rows.get(orders);
    expect([row?.entity.name, row?.entity.tags, Object.keys(row ?? {})]).toEqual(['orders', ['pii/iban'], ['entity']]);
    const post = async (type: string, data: object): Promise<void> => {
      const event = { id: `less-${type}`, type, subject: 'orders', data };
      expect(await postCloudEvent(server.url, 'events', admin, event)).toMatchObject({ status: 200 });
    };
    await post('gov.documentation.changed', { description: 'other' });
    await post('gov.owner.changed', { owners: { add: ['ada'] } });
    await eventually(() =>
      expect(told).toEqual([[['ada'], 'orders', [expect.stringMatching(/^\/owners\/[\w-]{12}$/)]]]),
    );
    await eventually(() => expect(rows.get(orders)?.entity.owners).toEqual(['ada']));
    expect(rows.get(orders)).not.toBe(row);
  });

  it('GraphQL over WebSocket', async () => {
    const snippet = await loadSnippet(
      blockWith('docs/graphql.md', 'createClient'),
      ['createClient', 'hubUrl', 'token', 'console'],
      [],
    );
    const said: string[] = [];
    const console = { log: (...words: readonly string[]) => said.push(words.join(' ')), error: () => undefined };
    let client: Client | undefined;
    const made = (options: ClientOptions): Client => (client = createClient({ ...options, webSocketImpl: WebSocket }));
    const running = snippet({ createClient: made, hubUrl: server.url, token: admin, console });
    let round = 0;
    await eventually(async () => {
      await create(`graphql-${++round}`);
      expect(said[0]).toMatch(/^enter urn:gov:demo:graphql-/);
    });
    await client?.dispose();
    await running;
  });
});
