import { randomUUID } from 'node:crypto';
import { createHub, type View } from '@pursight/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conceptKinds } from '../../channels/event/head.ts';
import { clusterEnvironment } from '../harness/cluster-environment.ts';
import { enginesHere } from '../harness/engines.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { record, type Recorder } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';

const file = {
  connectors: [
    {
      ...{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' },
      writes: conceptKinds.map((kind) => `urn:gov:${kind}`),
    },
  ],
  policy: {
    version: 1,
    roles: {
      admin: [{ allow: 'read' }, { allow: 'ingest' }],
      steward: [{ allow: 'read' }, { allow: 'write' }],
      retail: [{ allow: 'read', where: { domain: 'retail' } }],
    },
  },
};
const [admin, steward] = [tokenFor({ roles: ['admin'] }), tokenFor({ sub: 'ada', roles: ['steward'] })];

interface Deployment {
  readonly nodes: number;
  start(): Promise<HubProcess>;
  dispose(): void;
}

function kindsEverywhere(deploy: () => Deployment): void {
  let deployment: Deployment;
  const hubs: HubProcess[] = [];
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

  const urlOf = (node: number): string => hubs[node % hubs.length]?.url ?? '';
  const said = async (kind: string, subject: string, data: object): Promise<void> => {
    const event = { id: randomUUID(), type: `gov.${kind}.defined`, subject, data };
    expect(await postCloudEvent(urlOf(0), 'events', admin, event)).toMatchObject({ status: 200 });
  };
  const rest = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await callApi(urlOf(0), path, {
      ...{ token: steward, method, headers: { 'content-type': type, 'if-match': '*' } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(answer.status, answer.text).toBeLessThan(300);
    return answer.status === 204 ? {} : (answer.body as Record<string, unknown>);
  };
  const listen = async (role: string, channel: string): Promise<Recorder> => {
    const client = await record({ name: role, url: urlOf(1), token: tokenFor({ roles: [role] }), channel });
    clients.push(client);
    return client;
  };
  const found = async (q: string, role: string, channel = 'terms'): Promise<readonly string[]> => {
    const token = tokenFor({ roles: [role] });
    const { body } = await callApi(urlOf(1), `/v1/search?q=${encodeURIComponent(q)}&channel=${channel}`, { token });
    return (body as { hits: { entity: { urn: string } }[] }).hits.map(({ entity }) => entity.urn);
  };

  it.each(conceptKinds)('a %s of a source is a document, an event, a row of a view and a hit', async (kind) => {
    const urn = `urn:gov:${kind}:${kind}-1`;
    const feed = await listen('steward', `${kind}s`);
    const hub = createHub({ url: urlOf(1), token: steward });
    clients.push(hub);
    const view: View = hub.view(`${kind}s`);
    await view.live;
    await said(kind, urn, { name: `Quokka ${kind}`, description: 'first', owners: ['ada'] });
    await said(kind, urn, { description: 'second' });
    await eventually(() => expect(feed.events).toHaveLength(2));
    expect(feed.events).toMatchObject([
      { kind: 'enter', type: `gov.${kind}.defined.v1`, subject: urn, entity: { kind, type: kind, owners: ['ada'] } },
      { kind: 'update', changes: { '/description': { old: 'first', new: 'second' } } },
    ]);
    const { body: read } = await callApi(urlOf(1), `/v1/${kind}s/${encodeURIComponent(urn)}`, { token: steward });
    expect(read).toMatchObject({ kind, urn, name: `Quokka ${kind}`, description: 'second' });
    await eventually(() =>
      expect(view.items).toMatchObject([{ entity: { urn }, document: { description: 'second' } }]),
    );
    await eventually(async () => expect(await found(`quokka ${kind}`, 'steward', `${kind}s`)).toEqual([urn]));
    await said(kind, urn, { deleted: true });
    await eventually(() => expect(feed.events.at(-1)).toMatchObject({ kind: 'leave', reason: 'deleted' }));
    await eventually(() => expect(view.items).toEqual([]));
    expect(feed.gaps).toEqual([]);
  });

  it('a term of people is live at once, and found by its synonyms, for those who may see its domain', async () => {
    const [all, some] = [await listen('steward', 'terms'), await listen('retail', 'domain:retail')];
    const { event, term } = await rest('POST', '/v1/terms', {
      ...{ id: 'overdraft', name: 'Overdraft', domain: 'urn:gov:domain:retail', synonyms: { dipping: {} } },
    });
    const urn = 'urn:gov:term:overdraft';
    expect(term).toMatchObject({ urn, status: 'draft' });
    await eventually(() => expect([all.events.at(-1)?.id, some.events.at(-1)?.id]).toEqual([event, event]));
    await eventually(async () => expect(await found('dipping', 'retail')).toEqual([urn]));
    await rest('PATCH', `/v1/terms/${encodeURIComponent(urn)}`, { domain: 'risk', status: 'approved' });
    await eventually(() => expect(some.events.at(-1)).toMatchObject({ kind: 'leave', reason: 'left', subject: urn }));
    await eventually(() => expect(all.events.at(-1)).toMatchObject({ changes: { '/status': { new: 'approved' } } }));
    await eventually(async () => expect(await found('dipping', 'retail')).toEqual([]));
    await rest('DELETE', `/v1/terms/${encodeURIComponent(urn)}`);
    await eventually(() => expect(all.events.at(-1)).toMatchObject({ kind: 'leave', reason: 'deleted' }));
  });

  it('S8 lineage that a source says is followed at once, on every node', async () => {
    const [from, to] = ['raw', 'report'];
    const tell = (type: string, subject: string, data: object): Promise<{ readonly status: number }> =>
      postCloudEvent(urlOf(0), 'events', admin, { id: randomUUID(), type, subject, data });
    for (const subject of [from, to])
      await tell('gov.asset.created', subject, { asset: { type: 'table', owners: ['jo'] } });
    expect(await tell('gov.lineage.observed', 'edge', { from, to })).toMatchObject({ status: 200 });
    const at = `${urlOf(1)}/v1/assets/${encodeURIComponent(`urn:gov:bank:${from}`)}`;
    const { body } = await callApi(at, '/lineage?direction=downstream', { token: steward });
    expect(body).toMatchObject({ nodes: [{ distance: 0 }, { entity: { urn: 'urn:gov:bank:report' }, distance: 1 }] });
    expect(body).toMatchObject({ edges: [{ type: 'lineage', to: 'urn:gov:bank:report' }] });
    const impact = await callApi(at, '/impact', { token: steward });
    expect(impact.body).toMatchObject({ total: 1, owners: [{ value: 'jo', count: 1 }] });
  });

  it('edges and definitions of people are live at once', async () => {
    const ends = { from: 'urn:gov:team:one', to: 'urn:gov:team:two' };
    for (const urn of Object.values(ends)) await said('team', urn, { name: urn });
    const [edges, definitions] = [await listen('steward', 'relationships'), await listen('steward', 'definitions')];
    const edge = await rest('POST', '/v1/relationships', { ...ends, type: 'supports' });
    const definition = await rest('POST', '/v1/definitions', { scheme: 'geo', name: 'city' });
    await eventually(() => expect(edges.events.at(-1)).toMatchObject({ kind: 'enter', id: edge['event'] }));
    await eventually(() => expect(definitions.events.at(-1)).toMatchObject({ kind: 'enter', id: definition['event'] }));
  });
}

describe('terms, domains and teams, embedded', async () => {
  describe.each(await enginesHere())('on %s', (engine) => {
    kindsEverywhere(() => {
      const folder = scratchFolder();
      return {
        nodes: 1,
        start: () => startHubProcess({ dataDir: folder.path, file, environment: { PURSIGHT_WS_ENGINE: engine } }),
        dispose: () => folder.remove(),
      };
    });
  });
});

describeWithServices(['kafka', 'mongo', 'redis'], 'terms, domains and teams, in a cluster', (urls) => {
  kindsEverywhere(() => {
    const folder = scratchFolder();
    const name = `kinds-${randomUUID().slice(0, 8)}`;
    const environment = clusterEnvironment(urls, name);
    return {
      nodes: 2,
      start: () => startHubProcess({ dataDir: folder.path, file, environment }),
      dispose: () => folder.remove(),
    };
  });
});
