import { expect, it } from 'vitest';
import type { CatalogDocument } from '../../channels/catalog/document.ts';
import type { JsonObject } from '../../channels/event/json.ts';
import type { CommitBatch, CommitResult } from '../../channels/ports/document-store.ts';
import type { Filter } from '../../channels/subscription/filter.ts';
import type { StoreContext } from './store-context.ts';
import {
  sampleAlert,
  sampleAsset,
  sampleBatch,
  sampleConcept,
  sampleDeadLetter,
  sampleEdge,
  sampleEvent,
  samplePartial,
} from './samples.ts';

const ok: CommitResult = { ok: true };
/** Keys that a document store could take for paths, operators, terminators or prototypes. */
const awkwardText =
  '{"a.b":1,"$set":{"$x.y":[null,{"":"empty"}]},"__proto__":{"polluted":true},"nul\\u0000key":"\\u0000","z":1.5e300,"big":9007199254740991,"lone":"\\ud800"}';

function isOf(field: string, value: string): Filter {
  return { op: 'eq', field, value };
}

function write(document: CatalogDocument, expectedVersion: number): Partial<CommitBatch> {
  return { documents: [{ document, expectedVersion }], outbox: [sampleEvent(document)] };
}

/** Documents, versions and atomicity. */
export function registerCommitTests(context: StoreContext): void {
  const commit = (parts: Partial<CommitBatch>) => context.store.commit(sampleBatch(parts));
  const get = async (urn: string, tenant = context.tenant) => (await context.store.getMany([{ tenant, urn }]))[0];

  it('reads what was written, in the order asked for, undefined where there is nothing', async () => {
    const { tenant, store } = context;
    const [a, b] = [sampleAsset(tenant, 'urn:a'), sampleAlert(tenant, 'urn:b')];
    expect(
      await commit({
        documents: [
          { document: a, expectedVersion: 0 },
          { document: b, expectedVersion: 0 },
        ],
      }),
    ).toEqual(ok);
    expect(
      await store.getMany([
        { tenant, urn: 'urn:b' },
        { tenant, urn: 'urn:none' },
        { tenant, urn: 'urn:a' },
      ]),
    ).toEqual([b, undefined, a]);
    expect(await store.getMany([])).toEqual([]);
  });

  it('takes an empty batch', async () => {
    expect(await commit({})).toEqual(ok);
  });

  it('gives back free JSON exactly as it came, whatever its keys', async () => {
    const awkward = JSON.parse(awkwardText) as JsonObject;
    const tag = {
      scheme: 'pii',
      name: 'email',
      origin: 'manual',
      state: 'confirmed',
      connector: 'warehouse',
      attributes: awkward,
    } as const;
    const document = sampleAsset(context.tenant, 'urn:awkward', {
      properties: [
        { key: 'a.b', value: awkward },
        { key: '$set', value: [awkward, '{"json":"text"}'] },
        { key: 'json', value: '{"not":"parsed"}' },
        { key: 'n', value: null },
        { key: 'f', value: false },
      ],
      classifications: [tag],
      columns: [
        { key: 'c1', name: 'mail.$x', classifications: [tag] },
        { key: 'c2', name: 'id', classifications: [] },
      ],
      native: { type: 'custom', contentType: 'application/json', data: awkward, attributes: awkward },
    });
    expect(await commit(write(document, 0))).toEqual(ok);
    expect(JSON.stringify(await get('urn:awkward'))).toBe(JSON.stringify(document));
    const [row] = await context.store.outboxOf([{ tenant: context.tenant, urn: 'urn:awkward' }]);
    expect(JSON.stringify(row?.event)).toBe(JSON.stringify(sampleEvent(document)));
  });

  it('keeps native data that is not an object', async () => {
    const native = { type: 'custom', contentType: 'text/plain', data: 'just text' };
    await commit(write(sampleAsset(context.tenant, 'urn:text', { native }), 0));
    expect(await get('urn:text')).toMatchObject({ native });
  });

  it('takes a urn as long as documents may have, in any script', async () => {
    const urn = `urn:gov:${'語'.repeat(1016)}`;
    expect(await commit(write(sampleAsset(context.tenant, urn), 0))).toEqual(ok);
    expect((await get(urn))?.urn).toBe(urn);
    expect(await context.store.outboxOf([{ tenant: context.tenant, urn }])).toHaveLength(1);
  });

  it('replaces a document whose version is the expected one', async () => {
    const { tenant } = context;
    await commit(write(sampleAsset(tenant, 'urn:a'), 0));
    const next = sampleAsset(tenant, 'urn:a', { version: 2, description: 'second' });
    expect(await commit(write(next, 1))).toEqual(ok);
    expect(await get('urn:a')).toEqual(next);
  });

  it.each([
    ['creating what exists', 0],
    ['a version that is over', 1],
    ['a version that is yet to come', 3],
  ])('refuses %s', async (_, expectedVersion) => {
    const { tenant } = context;
    await commit(write(sampleAsset(tenant, 'urn:a'), 0));
    const stored = sampleAsset(tenant, 'urn:a', { version: 2 });
    await commit(write(stored, 1));
    expect(await commit(write(sampleAsset(tenant, 'urn:a', { version: 9 }), expectedVersion))).toEqual({
      ok: false,
      conflict: 'version',
    });
    expect(await get('urn:a')).toEqual(stored);
  });

  it('refuses to replace what does not exist', async () => {
    expect(await commit(write(sampleAsset(context.tenant, 'urn:a', { version: 2 }), 1))).toEqual({
      ok: false,
      conflict: 'version',
    });
    expect(await get('urn:a')).toBeUndefined();
  });

  it.each([0, 1])(
    'lets exactly one of several concurrent writers win (expected version %i)',
    async (expectedVersion) => {
      const { tenant } = context;
      if (expectedVersion === 1) await commit(write(sampleAsset(tenant, 'urn:a'), 0));
      const rivals = Array.from({ length: 6 }, (_, i) =>
        sampleAsset(tenant, 'urn:a', { version: expectedVersion + 1, name: `rival ${i}` }),
      );
      const results = await Promise.all(rivals.map((document) => commit(write(document, expectedVersion))));
      const winners = rivals.filter((_, i) => results[i]?.ok);
      expect(winners).toHaveLength(1);
      expect(results.filter((result) => !result.ok)).toEqual(
        Array.from({ length: 5 }, () => ({ ok: false, conflict: 'version' })),
      );
      expect(await get('urn:a')).toEqual(winners[0]);
    },
  );

  it('I6: writes all or nothing: one stale document leaves no trace of the rest', async () => {
    const { tenant, store } = context;
    await commit(write(sampleAsset(tenant, 'urn:old'), 0));
    const fresh = sampleAsset(tenant, 'urn:fresh');
    const before = await store.deadLetterCount();
    const result = await commit({
      documents: [
        { document: fresh, expectedVersion: 0 },
        { document: sampleAsset(tenant, 'urn:old', { version: 8 }), expectedVersion: 7 },
      ],
      outbox: [sampleEvent(fresh)],
      positions: [{ connector: tenant, topic: 't', partition: 0, next: 5, expected: null }],
      messageIds: [{ connector: tenant, id: 'm1', expiresAtMs: Date.now() + 60_000 }],
      deadLetters: [sampleDeadLetter(tenant, 'd1')],
      partials: [{ partial: samplePartial(`${tenant}|p1`), expectedVersion: 0 }],
    });
    expect(result).toEqual({ ok: false, conflict: 'version' });
    expect(await get('urn:fresh')).toBeUndefined();
    expect(await store.outboxOf([{ tenant, urn: 'urn:fresh' }])).toEqual([]);
    expect(await store.positionsOf(tenant)).toEqual([]);
    expect(await store.knownMessages(tenant, ['m1'])).toEqual([]);
    expect(await store.deadLetter(tenant, 'd1')).toBeUndefined();
    expect(await store.deadLetterCount()).toBe(before);
    expect(await store.partialsOf([`${tenant}|p1`])).toEqual([undefined]);
  });

  it('keeps tenants apart', async () => {
    const { tenant } = context;
    const [mine, theirs] = [
      sampleAsset(tenant, 'urn:a', { name: 'mine' }),
      sampleAsset(`${tenant}-b`, 'urn:a', { name: 'theirs' }),
    ];
    await commit(write(mine, 0));
    expect(await get('urn:a', `${tenant}-b`)).toBeUndefined();
    await commit(write(theirs, 0));
    expect(await get('urn:a')).toEqual(mine);
    expect(await get('urn:a', `${tenant}-b`)).toEqual(theirs);
    expect(await context.store.count(tenant)).toBe(1);
  });

  it('counts by kind and leaves deleted documents out', async () => {
    const { tenant, store } = context;
    const documents = [
      sampleAsset(tenant, 'urn:1'),
      sampleAsset(tenant, 'urn:2'),
      sampleAlert(tenant, 'urn:3'),
      sampleAsset(tenant, 'urn:4', { status: 'purged' }),
    ];
    await commit({ documents: documents.map((document) => ({ document, expectedVersion: 0 })) });
    expect([
      await store.count(tenant),
      await store.count(tenant, 'asset'),
      await store.count(tenant, 'alert'),
      await store.count(tenant, 'definition'),
    ]).toEqual([3, 2, 1, 0]);
    await commit(write(sampleAsset(tenant, 'urn:1', { version: 2, status: 'deleted' }), 1));
    expect(await store.count(tenant, 'asset')).toBe(1);
    await commit(write(sampleAsset(tenant, 'urn:1', { version: 3 }), 2));
    expect(await store.count(tenant, 'asset')).toBe(2);
  });

  it('R4 keeps terms, domains and teams as they are, counts each kind, and finds what refers to them', async () => {
    const { tenant, store } = context;
    const documents = [
      sampleConcept(tenant, 'urn:1', {
        parent: 'urn:0',
        relatedTerms: ['urn:2'],
        glossary: 'Banking',
        domain: 'retail',
      }),
      sampleConcept(tenant, 'urn:2', { parent: 'urn:0' }),
      sampleConcept(tenant, 'urn:3', { kind: 'domain', type: 'domain', status: 'active', experts: ['jo'] }),
      sampleConcept(tenant, 'urn:4', {
        kind: 'team',
        type: 'squad',
        status: 'active',
        contact: 'a@b',
        members: ['jo'],
      }),
    ];
    await commit({ documents: documents.map((document) => ({ document, expectedVersion: 0 })) });
    expect(await store.getMany(documents.map(({ urn }) => ({ tenant, urn })))).toEqual(documents);
    const counts = await Promise.all((['term', 'domain', 'team'] as const).map((kind) => store.count(tenant, kind)));
    expect([await store.count(tenant), ...counts]).toEqual([4, 2, 1, 1]);
    const filter = { op: 'and', args: [isOf('refs', 'urn:0'), isOf('kind', 'term')] } as const;
    const found = await store.find({ tenant, filter, limit: 9, maxBytes: 1e6 });
    expect(found.documents).toEqual(documents.slice(0, 2));
  });

  it('S8 finds the edges of many entities page by page, each once', async () => {
    const { tenant, store } = context;
    const urns = Array.from({ length: 30 }, (_, index) => `urn:n${index}`);
    const edges = urns.flatMap((from, one) =>
      [1, 2].map((step) => sampleEdge(tenant, `urn:e${one}-${step}`, from, urns[(one + step) % 30] ?? '')),
    );
    await commit({ documents: edges.map((document) => ({ document, expectedVersion: 0 })) });
    const wanted = urns.slice(0, 12);
    const filter = {
      op: 'and',
      args: [{ op: 'in', field: 'refs', values: wanted }, isOf('kind', 'relationship')],
    } as const;
    const found: string[] = [];
    for (let after: string | undefined = ''; after !== undefined;) {
      const page = await store.find({ tenant, filter, afterUrn: after, limit: 7, maxBytes: 1e6 });
      found.push(...page.documents.map(({ urn }) => urn));
      after = page.next;
    }
    const expected = edges.filter(({ from, to }) => wanted.includes(from) || wanted.includes(to));
    expect(found).toEqual(expected.map(({ urn }) => urn).toSorted());
  });

  it('remembers the first value of a setting', async () => {
    const { store, tenant } = context;
    const results = await Promise.all(
      ['one', 'two', 'three'].map((value) => store.putMetaIfAbsent(`epoch-${tenant}`, value)),
    );
    expect(new Set(results).size).toBe(1);
    expect(['one', 'two', 'three']).toContain(results[0]);
    expect(await store.putMetaIfAbsent(`epoch-${tenant}`, 'late')).toBe(results[0]);
  });

  it('replaces a setting only where it is what the caller knows, and lets one of several callers win', async () => {
    const { store, tenant } = context;
    const key = `replaced-${tenant}`;
    expect(await store.getMeta(key)).toBeUndefined();
    expect(await store.replaceMeta(key, 'one', 'two')).toBe(false);
    expect(await store.getMeta(key)).toBeUndefined();
    await store.putMetaIfAbsent(key, 'one');
    expect(await store.replaceMeta(key, 'other', 'two')).toBe(false);
    expect(await store.getMeta(key)).toBe('one');
    const values = ['two', 'three', 'four'];
    const won = await Promise.all(values.map((value) => store.replaceMeta(key, 'one', value)));
    expect(won.filter((each) => each)).toHaveLength(1);
    expect(await store.getMeta(key)).toBe(values[won.indexOf(true)]);
    expect(await store.replaceMeta(key, 'one', 'late')).toBe(false);
  });

  it('answers a ping', async () => {
    await expect(context.store.ping()).resolves.toBeUndefined();
  });
}
