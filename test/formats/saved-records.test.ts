import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { BSON, MongoClient } from 'mongodb';
import { io } from 'socket.io-client';
import { afterEach, describe, expect, it } from 'vitest';
import { createMongoCatalogStore } from '../../adapters/mongo/mongo-catalog-store.ts';
import { createMongoEventJournal } from '../../adapters/mongo/mongo-event-journal.ts';
import { headOf } from '../../channels/catalog/head-of.ts';
import { forms } from '../../channels/forms/forms.ts';
import { writtenForm } from '../../channels/forms/written-form.ts';
import { parseFilter } from '../../channels/subscription/parse-filter.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { scratchFolder, startHubProcess } from '../harness/hub-process.ts';
import { describeWithServices } from '../setup/services.ts';
import { admin, answersOf, savedFile } from './saved-world.ts';

/** What releases wrote, and what they said of it; and the first segments of changes, which the first had named in full. */
const releases = [
  { release: 'v1', changed: /^\/(quality|columns)$/ },
  { release: 'v2', changed: /^\/(quality|columns)\/./ },
];

interface Answers {
  readonly documents: { readonly documents: readonly object[] };
  readonly deadLetters: { readonly deadLetters: readonly object[] };
  readonly revocations: object;
}

interface Resumable {
  readonly handle: string;
  readonly cursor: string;
}

function fixture<T>(release: string, name: string): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, release, name), 'utf8')) as T;
}

interface Told {
  readonly kind: string;
  readonly subject: string;
  readonly changes?: Readonly<Record<string, object>>;
}

const removals: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const remove of removals.splice(0).toReversed()) await remove();
});

function savedFolder(release: string): string {
  const { path, remove } = scratchFolder();
  const saved = readFileSync(join(import.meta.dirname, release, 'data.mdb.gz'));
  writeFileSync(join(path, 'data.mdb'), gunzipSync(saved), { mode: 0o600 });
  removals.push(remove);
  return path;
}

describe('a data folder of the release before', () => {
  it.each(releases)('R4 is read whole, and a client goes on where it was: $release', async ({ release, changed }) => {
    const saved = fixture<Answers & { readonly subscription: Resumable }>(release, 'embedded.json');
    const { subscription, ...before } = saved;
    const { handle, cursor } = subscription;
    const dataDir = savedFolder(release);
    // what it keeps grows older, and must not go by that
    const years = String(10 * 365 * 86_400_000);
    const environment = { PURSIGHT_JOURNAL_RETENTION_MS: years, PURSIGHT_DEAD_LETTER_RETENTION_MS: years };
    const hub = await startHubProcess({ dataDir, file: savedFile, environment });
    removals.push(() => hub.stop());
    const { deadLetters, ...rest } = await answersOf(hub.url);
    expect(rest).toEqual({ documents: before.documents, revocations: before.revocations });
    // beside what has waited too long for its other part
    expect(deadLetters).toEqual({ deadLetters: expect.arrayContaining([...before.deadLetters.deadLetters]) });

    const socket = io(hub.url, { transports: ['websocket'], auth: { token: admin, protocol: 1, client: 'later' } });
    removals.push(() => void socket.disconnect());
    const told: Told[] = [];
    socket.on('replay', ({ events }: { readonly events: readonly Told[] }) => told.push(...events));
    const answer: unknown = await socket
      .timeout(5000)
      .emitWithAck('subscribe', { id: 'a', channel: 'assets', handle, cursor });
    expect(answer).toMatchObject({ ok: true, recovered: true });
    await eventually(() => expect(told.length).toBeGreaterThan(5));
    const paths = told.flatMap(({ changes = {} }) => Object.keys(changes));
    expect(new Set(paths).size).toBeGreaterThanOrEqual(2);
    for (const path of paths) expect(path).toMatch(changed);

    // what people say goes over a document of the old form, and the source does not change it
    const path = `/v1/assets/${encodeURIComponent('urn:gov:bank:accounts')}`;
    const said = await callApi(hub.url, path, {
      ...{ token: admin, method: 'PATCH', body: JSON.stringify({ domain: 'risk' }) },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(said.body).toMatchObject({ asset: { domain: 'risk' }, event: expect.any(String) });
    const next = { id: 'next', type: 'gov.domain.changed', subject: 'accounts', data: { domain: 'hr' } };
    expect(await postCloudEvent(hub.url, 'events', admin, next)).toMatchObject({ status: 200 });
    expect((await callApi(hub.url, path, { token: admin })).body).toMatchObject({
      domain: 'risk',
      curated: { domain: { source: 'hr', value: 'risk' } },
    });
  });
});

describeWithServices(['mongo'], 'a database of the release before', ({ mongo }) => {
  it.each(releases)(
    'R4 is read whole, is found by what it has now, and its journal can be replayed: $release',
    async ({ release }) => {
      const url = mongo.replace('/?', `/saved-${Date.now()}?`);
      const client = await new MongoClient(url).connect();
      removals.push(async () => {
        await client.db().dropDatabase();
        await client.close();
      });
      const saved = fixture<Answers & { readonly collections: Record<string, object[]> }>(release, 'mongo.json');
      const { collections, ...before } = saved;
      for (const [name, rows] of Object.entries(collections))
        if (rows.length > 0)
          await client
            .db()
            .collection(name)
            .insertMany(BSON.EJSON.deserialize(rows) as BSON.Document[]);
      const store = await createMongoCatalogStore({ url, appName: 'saved' });
      removals.push(() => store.close());

      const find = async (filter: object) =>
        (await store.find({ tenant: 'acme', filter: parseFilter(filter), limit: 100, maxBytes: 1e7 })).documents;
      const all = await find({});
      expect(all).toHaveLength(6);
      expect((await find({ kind: 'asset' })).map(({ urn }) => urn)).toEqual(
        before.documents.documents.map((document) => (document as { readonly urn: string }).urn),
      );
      for (const document of all) expect(document.head).toEqual(headOf(document));
      const confirmed = await find({ confirmedTags: 'pii/iban' });
      expect(confirmed.map(({ urn }) => urn)).toEqual(expect.arrayContaining(['urn:gov:bank:accounts']));
      expect(await find({ confirmedTags: 'geo/city' })).toEqual([]);
      expect(await find({ tags: 'geo/city' })).toHaveLength(1);
      expect(await store.deadLetters({ tenant: 'acme', limit: 10 })).toEqual(
        before.deadLetters.deadLetters.map((letter) => ({ ...letter })),
      );
      expect(await store.revocations({ nowMs: 0 })).toHaveLength(1);
      expect(await store.partialsOf(['atlas|split-1'])).toEqual([expect.objectContaining({ parts: { 1: 'e30' } })]);

      const journal = await createMongoEventJournal({ url, appName: 'saved' });
      removals.push(() => journal.close());
      const records = await journal.read({ epoch: '1', partition: 0, from: 0, to: 100, tenant: 'acme', limit: 100 });
      expect(records).toHaveLength(10);
      for (const { event } of records) {
        expect(event.v).toBe(writtenForm('event', 'asset'));
        for (const head of [event.data.heads.before, event.data.heads.after])
          if (head !== null) expect(head.confirmedTags).toEqual(head.tags.filter((tag) => tag !== 'geo/city'));
      }
    },
  );
});

describe('a hub that meets what a newer release has stored', () => {
  it('R4 does not start on a folder whose tables it may not know', async () => {
    const dataDir = savedFolder('v1');
    const hub = await startHubProcess({ dataDir, file: savedFile });
    await hub.stop();
    const { createEmbeddedEnvironment } = await import('../../adapters/embedded/embedded-environment.ts');
    const { createEmbeddedCatalogStore } = await import('../../adapters/embedded/embedded-catalog-store.ts');
    const environment = await createEmbeddedEnvironment({ folder: dataDir });
    const store = createEmbeddedCatalogStore({ environment });
    const text = (await store.getMeta('forms')) ?? '';
    expect(JSON.parse(text)).toMatchObject({ event: forms.event.writes });
    const newer = JSON.stringify({ ...(JSON.parse(text) as object), catalog: 99, novelty: 7 });
    expect(await store.replaceMeta('forms', text, newer)).toBe(true);
    await environment.close();
    await expect(startHubProcess({ dataDir, file: savedFile })).rejects.toThrow(
      /kind catalog has form 99.*newer release/s,
    );
  });
});

describeWithServices(['kafka', 'mongo', 'redis'], 'a node that meets what a newer release has logged', (urls) => {
  it('R4 skips nothing: it tells, moves its sessions, ends, and starts no more', async () => {
    const { createHubCluster } = await import('../harness/hub-cluster.ts');
    const { newerEventInto } = await import('./newer-event.ts');
    const cluster = createHubCluster({ ...urls, name: 'newer', partitions: 1 });
    removals.push(() => cluster.dispose());
    const hub = await cluster.start('old');
    const asset = { type: 'table', name: 'a', description: 'before' };
    await postCloudEvent(hub.url, 'events', cluster.admin, {
      id: '1',
      type: 'gov.asset.created',
      subject: 'a',
      data: { asset },
    });
    const client = await cluster.listen(hub, 'ada');
    const mongoUrl = cluster.environment['PURSIGHT_MONGO_URL'] ?? '';
    await eventually(async () => expect(await journalled(mongoUrl)).toBe(1));
    await newerEventInto(urls.kafka, cluster.prefix);
    expect(await hub.exited).toBe(1);
    expect(hub.log()).toMatch(/a newer release writes here/);
    expect(client.gaps).toEqual([]);
    await expect(cluster.start('old')).rejects.toThrow(/newer release/);
    expect(await journalled(mongoUrl)).toBe(1);
    await dropped(mongoUrl);
  });
});

async function journalled(url: string): Promise<number> {
  const client = await new MongoClient(url).connect();
  try {
    return await client.db().collection('events').countDocuments();
  } finally {
    await client.close();
  }
}

async function dropped(url: string): Promise<void> {
  const client = await new MongoClient(url).connect();
  await client.db().dropDatabase();
  await client.close();
}
