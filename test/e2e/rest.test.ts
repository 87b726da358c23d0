import { randomUUID } from 'node:crypto';
import { createHub, type View } from '@pursight/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterEnvironment } from '../harness/cluster-environment.ts';
import { enginesHere } from '../harness/engines.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { record, type Recorder } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';

const file = {
  connectors: [{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank', scheme: 'pii' }],
  policy: {
    version: 1,
    roles: {
      admin: [{ allow: 'read' }, { allow: 'ingest' }],
      steward: [{ allow: 'read' }, { allow: 'write' }, { allow: 'declassify' }],
      viewer: [{ allow: 'read' }, { deny: 'read', where: { tags: { $startsWith: 'pii/' } } }],
    },
  },
};
const [admin, steward] = [tokenFor({ roles: ['admin'] }), tokenFor({ sub: 'ada', roles: ['steward'] })];

interface Deployment {
  /** Of the processes that can run at once. */
  readonly nodes: number;
  start(): Promise<HubProcess>;
  dispose(): void;
}

interface Said {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

function peopleAndSources(deploy: () => Deployment): void {
  let deployment: Deployment;
  let hubs: HubProcess[] = [];
  const clients: { close(): void }[] = [];

  beforeAll(async () => {
    deployment = deploy();
    for (let node = 0; node < deployment.nodes; node++) hubs.push(await deployment.start());
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await Promise.all(hubs.map((hub) => hub.stop()));
    deployment.dispose();
  });

  const hubAt = (index: number): HubProcess => {
    const hub = hubs[index % hubs.length];
    if (hub === undefined) throw new Error('no hub');
    return hub;
  };
  const pathOf = (name: string): string => `/v1/assets/${encodeURIComponent(`urn:gov:bank:${name}`)}`;
  const scan = async (name: string, description: string, tag?: object): Promise<void> => {
    const columns = [{ name: 'email', ...(tag === undefined ? {} : { classifications: [tag] }) }];
    const asset = { type: 'table', name, description, owners: ['bob'], columns };
    const event = { id: randomUUID(), type: 'gov.asset.updated', subject: name, data: { asset } };
    expect(await postCloudEvent(hubAt(0).url, 'events', admin, event)).toMatchObject({ status: 200 });
  };
  const patch = async (name: string, body: object, headers: object = {}, node = 0, sub = 'ada'): Promise<Said> => {
    const answer = await callApi(hubAt(node).url, pathOf(name), {
      ...{ token: tokenFor({ sub, roles: ['steward'] }), method: 'PATCH', body: JSON.stringify(body) },
      headers: { 'content-type': 'application/merge-patch+json', ...headers },
    });
    return { status: answer.status, body: answer.body as Said['body'] };
  };
  const read = async (name: string, node = 0): Promise<unknown> =>
    (await callApi(hubAt(node).url, pathOf(name), { token: steward })).body;
  const listen = async (role: string): Promise<Recorder> => {
    const token = tokenFor({ roles: [role] });
    const client = await record({ name: role, url: hubAt(1).url, token, channel: 'assets' });
    clients.push(client);
    return client;
  };

  it('S1 what people say is live at once, and no scan changes it', async () => {
    await scan('orders', 'from the source');
    const [feed, hub] = [await listen('steward'), createHub({ url: hubAt(1).url, token: steward })];
    clients.push(hub);
    const view: View = hub.view('assets');
    await view.live;
    const said = await patch('orders', { description: 'by hand', owners: { eve: {} } });
    expect(said).toMatchObject({ status: 200, body: { event: expect.any(String) } });
    await eventually(() => expect(feed.events.at(-1)?.id).toBe(said.body['event']));
    expect(feed.events.at(-1)).toMatchObject({ actor: 'ada', changes: { '/description': { new: 'by hand' } } });
    await scan('orders', 'newer');
    await eventually(() =>
      expect(view.items.find(({ entity }) => entity.name === 'orders')?.document).toMatchObject({
        description: 'by hand',
        curated: { description: { source: 'newer', value: 'by hand', by: 'ada' }, owners: { added: [{ key: 'eve' }] } },
      }),
    );
    expect(feed.events.at(-1)).toMatchObject({
      type: 'gov.documentation.changed.v1',
      changes: { '/curated/description': { old: { source: 'from the source' }, new: { source: 'newer' } } },
    });
    expect(await read('orders', 1)).toMatchObject({ description: 'by hand', owners: [{ id: 'bob' }, { id: 'eve' }] });
    expect(feed.gaps).toEqual([]);
  });

  it('S2 a suggestion that is rejected opens the asset to who was denied, over scans and searches', async () => {
    const suggestion = { scheme: 'pii', name: 'email', state: 'suggested' };
    await scan('customers', 'of the bank', suggestion);
    const viewer = await listen('viewer');
    const decisions = [{ urn: 'urn:gov:bank:customers', column: 'email', tag: 'pii/email', decision: 'reject' }];
    const decided = await callApi(hubAt(0).url, '/v1/suggestions:decide', {
      ...{ token: steward, method: 'POST', body: JSON.stringify({ decisions }) },
      headers: { 'content-type': 'application/json' },
    });
    expect(decided.body).toMatchObject({ results: [{ result: 'done' }] });
    await eventually(() => expect(viewer.events).toMatchObject([{ kind: 'enter', type: 'gov.asset.updated.v1' }]));
    for (let round = 0; round < 3; round++) await scan('customers', 'of the bank', suggestion);
    await scan('customers', 'of the bank', { ...suggestion, state: 'confirmed' });
    await eventually(() => expect(viewer.events.map(({ kind }) => kind)).toEqual(['enter', 'leave']));
  });

  it('S4 S5 of many who patch at once on all nodes nobody is lost, and with If-Match one wins', async () => {
    await scan('shared', 'from the source');
    const people = Array.from({ length: 12 }, (_, index) => `p${index}`);
    const all = await Promise.all(people.map((id, node) => patch('shared', { owners: { [id]: {} } }, {}, node, id)));
    expect(all.map(({ status }) => status)).toEqual(people.map(() => 200));
    const etag = String((await patch('shared', {})).body['etag']);
    const won = await Promise.all(
      people.map((id, node) => patch('shared', { description: id }, { 'if-match': etag }, node, id)),
    );
    expect(won.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(won.filter(({ status }) => status === 412)).toHaveLength(people.length - 1);
    const { owners } = (await read('shared')) as { owners: { id: string }[] };
    expect(owners.map(({ id }) => id).toSorted()).toEqual(['bob', ...people].toSorted());
  });

  it('S6 a request that is repeated after the process was killed has its effect once', async () => {
    await scan('retried', 'from the source');
    const key = { 'idempotency-key': randomUUID() };
    const first = await patch('retried', { description: 'by hand' }, key);
    expect(first.body['event']).not.toBeNull();
    await patch('retried', { description: 'later' });
    await Promise.all(hubs.map((hub) => hub.stop('SIGKILL')));
    hubs = [];
    for (let node = 0; node < deployment.nodes; node++) hubs.push(await deployment.start());
    expect(await patch('retried', { description: 'by hand' }, key, 1)).toMatchObject({
      status: 200,
      body: { event: null, asset: { description: 'later' } },
    });
    expect(await patch('retried', { description: 'other' }, key)).toMatchObject({ status: 422 });
    await eventually(async () => {
      const { body } = await callApi(hubAt(0).url, `${pathOf('retried')}/history`, { token: steward });
      expect(body).toMatchObject({
        events: [
          { changes: { '/description': { old: 'by hand', new: 'later' } } },
          { id: first.body['event'], changes: { '/description': { new: 'by hand' } } },
          { kind: 'enter' },
        ],
      });
    });
  });
}

it.each(await enginesHere())('every method and answer of it works on %s', async (engine) => {
  const folder = scratchFolder();
  const hub = await startHubProcess({ dataDir: folder.path, file, environment: { PURSIGHT_WS_ENGINE: engine } });
  const call = (method: string, path: string, headers: Readonly<Record<string, string>> = {}, body?: object) =>
    fetch(`${hub.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${steward}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  try {
    const created = await call('POST', '/v1/assets', {}, { name: 'report', type: 'dashboard' });
    const [path, etag] = [created.headers.get('location') ?? '', created.headers.get('etag') ?? ''];
    expect([created.status, etag]).toEqual([201, expect.stringMatching(/^".{22}"$/)]);
    const known = await call('GET', path, { 'if-none-match': etag });
    expect([known.status, known.headers.get('etag'), await known.text()]).toEqual([304, etag, '']);
    expect((await call('HEAD', path)).headers.get('etag')).toBe(etag);
    const body = { name: 'report', type: 'report' };
    expect((await call('PUT', path, {}, body)).status).toBe(428);
    expect((await call('PUT', path, { 'if-match': etag }, body)).status).toBe(200);
    expect((await call('DELETE', path, { 'if-match': etag })).status).toBe(412);
    const gone = await call('DELETE', path, { 'if-match': '*' });
    expect([gone.status, await gone.text()]).toEqual([204, '']);
    const after = await Promise.all(['GET', 'HEAD', 'PATCH'].map((method) => call(method, path)));
    expect(after.map(({ status }) => status)).toEqual([404, 404, 415]);
    expect(await (await call('GET', '/v1/assets')).json()).toEqual({ assets: [] });
  } finally {
    await hub.stop();
    folder.remove();
  }
});

describe('people and sources, embedded', () => {
  peopleAndSources(() => {
    const folder = scratchFolder();
    return {
      nodes: 1,
      start: () => startHubProcess({ dataDir: folder.path, file }),
      dispose: () => folder.remove(),
    };
  });
});

describeWithServices(['kafka', 'mongo', 'redis'], 'people and sources, in a cluster', (urls) => {
  peopleAndSources(() => {
    const folder = scratchFolder();
    const name = `rest-${randomUUID().slice(0, 8)}`;
    const environment = clusterEnvironment(urls, name);
    return {
      nodes: 2,
      start: () => startHubProcess({ dataDir: folder.path, file, environment }),
      dispose: () => folder.remove(),
    };
  });
});
