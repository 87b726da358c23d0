import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AssetDocument } from '../../channels/catalog/document.ts';
import type { FoundPage } from '../../channels/ports/document-store.ts';
import { compileFilter } from '../../channels/subscription/compile-filter.ts';
import { everything, type Filter, type FilterValue } from '../../channels/subscription/filter.ts';
import {
  classificationFields,
  classificationLists,
  type FieldKind,
  headFields,
} from '../../channels/subscription/head-fields.ts';
import type { StoreContext } from './store-context.ts';
import { sampleAlert, sampleAsset, sampleBatch } from './samples.ts';

/** Few, so that values meet; awkward for patterns, keys and encodings. */
const texts = [
  'a',
  'A',
  'ab',
  'a.b',
  'a|b',
  'a%7Cb',
  '^a',
  '$x',
  'a*',
  '(',
  'é',
  'a\nb',
  '\\',
  'ba',
  'a\0b',
  'x'.repeat(80),
];
/** Urns have no control characters: the catalog refuses them. */
const urnOf = (value: string): string => value.replaceAll(/\p{Cc}/gu, (each) => `-${each.charCodeAt(0)}-`);
const text = fc.constantFrom(...texts);
const level = fc.constantFrom(0, 1, 2, 2.5, 1000);

const classification = fc.record({
  scheme: text,
  name: text,
  origin: fc.constantFrom('manual' as const, 'derived' as const),
  state: fc.constantFrom('confirmed' as const, 'suggested' as const),
  connector: fc.constant('c'),
});
const classifications = fc.array(
  fc
    .tuple(classification, fc.option(level, { nil: undefined }))
    .map(([item, given]) => (given === undefined ? item : { ...item, level: given })),
  { maxLength: 3 },
);

const assetFields = fc
  .record({
    type: text,
    name: text,
    connector: text,
    fqn: fc.option(text),
    platform: fc.option(text),
    domain: fc.option(text),
    parent: fc.option(text),
    owners: fc.uniqueArray(text, { maxLength: 3 }),
    classifications,
    columns: classifications,
    status: fc.constantFrom('active' as const, 'deprecated' as const, 'deleted' as const),
  })
  .map(({ owners, columns, fqn, platform, domain, parent, ...rest }): Partial<AssetDocument> => ({
    ...rest,
    ...(fqn === null ? {} : { fqn }),
    ...(platform === null ? {} : { platform }),
    ...(domain === null ? {} : { domain }),
    ...(parent === null ? {} : { parent }),
    owners: owners.map((id) => ({ id, type: 'user' as const })),
    columns: [{ key: 'k', name: 'k', classifications: columns }],
  }));

function value(kind: FieldKind, nullable = kind.nullable): fc.Arbitrary<FilterValue> {
  const some: fc.Arbitrary<FilterValue> = kind.type === 'number' ? level : text;
  return nullable ? fc.option(some, { nil: null }) : some;
}

function leaf(field: string, kind: FieldKind): fc.Arbitrary<Filter> {
  const tests: fc.Arbitrary<Filter>[] = [
    fc.record({ op: fc.constantFrom('eq', 'ne'), field: fc.constant(field), value: value(kind) }),
    fc.record({ op: fc.constantFrom('gt', 'gte', 'lt', 'lte'), field: fc.constant(field), value: value(kind, false) }),
    fc.record({
      op: fc.constantFrom('in', 'nin'),
      field: fc.constant(field),
      values: fc.array(value(kind), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ op: fc.constant('exists'), field: fc.constant(field), value: fc.boolean() }),
  ];
  if (kind.type === 'string')
    tests.push(fc.record({ op: fc.constant('startsWith'), field: fc.constant(field), value: text }));
  return fc.oneof(...tests);
}

function leaves(fields: Readonly<Record<string, FieldKind>>): fc.Arbitrary<Filter> {
  return fc.oneof(...Object.entries(fields).map(([field, kind]) => leaf(field, kind)));
}

function grouped(atom: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      atom,
      fc.record({ op: fc.constantFrom('and', 'or'), args: fc.array(tie('filter'), { maxLength: 3 }) }),
      fc.record({ op: fc.constant('not'), arg: tie('filter') }),
    ),
  })).filter;
}

const inClassifications = fc.record({
  op: fc.constant('elemMatch'),
  field: fc.constantFrom(...classificationLists),
  arg: grouped(leaves(classificationFields)),
}) as fc.Arbitrary<Filter>;
const anyFilter = grouped(
  fc.oneof({ weight: 4, arbitrary: leaves(headFields) }, { weight: 1, arbitrary: inClassifications }),
);

/** Queries: order, paging, and the meaning of every operator. */
export function registerFindTests(context: StoreContext): void {
  const put = async (documents: readonly (AssetDocument | ReturnType<typeof sampleAlert>)[]) => {
    expect(
      await context.store.commit(
        sampleBatch({ documents: documents.map((document) => ({ document, expectedVersion: 0 })) }),
      ),
    ).toEqual({ ok: true });
  };
  const find = async (filter: Filter, options: { afterUrn?: string; limit?: number; includeDeleted?: boolean } = {}) =>
    (
      await context.store.find({ tenant: context.tenant, filter, limit: 1000, maxBytes: 1e9, ...options })
    ).documents.map(({ urn }) => urn);

  it('pages in urn order', async () => {
    const { tenant } = context;
    await put(['urn:c', 'urn:a', 'urn:a:1', 'urn:b', 'urn:é', 'urn:A'].map((urn) => sampleAsset(tenant, urn)));
    const order = ['urn:A', 'urn:a', 'urn:a:1', 'urn:b', 'urn:c', 'urn:é'];
    expect(await find(everything)).toEqual(order);
    expect(await find(everything, { limit: 2 })).toEqual(order.slice(0, 2));
    expect(await find(everything, { limit: 2, afterUrn: 'urn:a' })).toEqual(order.slice(2, 4));
    expect(await find(everything, { afterUrn: 'urn:aa' })).toEqual(order.slice(3));
    expect(await find(everything, { afterUrn: 'urn:é' })).toEqual([]);
    expect(await find(everything, { limit: 0 })).toEqual([]);
  });

  it('pages through more documents than one step of the store reads', async () => {
    const { tenant } = context;
    const urns = Array.from({ length: 2500 }, (_, i) => `urn:many:${String(i).padStart(5, '0')}`);
    await put(
      urns.map((urn, i) =>
        sampleAsset(tenant, urn, { domain: i % 2 === 0 ? 'even' : 'odd', name: i % 1000 === 999 ? 'rare' : 'common' }),
      ),
    );
    expect(await find({ op: 'eq', field: 'name', value: 'rare' })).toEqual(['urn:many:00999', 'urn:many:01999']);
    const even = urns.filter((_, i) => i % 2 === 0);
    expect(await find({ op: 'eq', field: 'domain', value: 'even' }, { limit: 2000 })).toEqual(even);
    expect(await find({ op: 'eq', field: 'domain', value: 'even' }, { afterUrn: even[1100] ?? '', limit: 3 })).toEqual(
      even.slice(1101, 1104),
    );
  });

  it('returns whole documents', async () => {
    const document = sampleAsset(context.tenant, 'urn:whole', { properties: [{ key: 'a.b', value: { $x: 1 } }] });
    await put([document]);
    expect(await context.store.find({ tenant: context.tenant, filter: everything, limit: 5, maxBytes: 1e9 })).toEqual({
      documents: [document],
      next: undefined,
    });
  });

  it('leaves deleted and purged documents out unless asked for', async () => {
    const { tenant } = context;
    const states = ['active', 'deleted', 'deprecated', 'purged'] as const;
    await put([
      ...states.map((status) => sampleAsset(tenant, `urn:${status}`, { status, domain: 'd' })),
      sampleAlert(tenant, 'urn:alert', { status: 'deleted' }),
    ]);
    expect(await find(everything)).toEqual(['urn:active', 'urn:deprecated']);
    expect(await find({ op: 'eq', field: 'domain', value: 'd' })).toEqual(['urn:active', 'urn:deprecated']);
    expect(await find({ op: 'eq', field: 'domain', value: 'd' }, { includeDeleted: true })).toEqual([
      'urn:active',
      'urn:deleted',
      'urn:deprecated',
      'urn:purged',
    ]);
    expect(await find(everything, { includeDeleted: true })).toHaveLength(5);
  });

  it('follows a document from one value to the next', async () => {
    const { tenant, store } = context;
    const inDomain = (domain: string): Filter => ({
      op: 'and',
      args: [
        { op: 'eq', field: 'domain', value: domain },
        { op: 'eq', field: 'kind', value: 'asset' },
      ],
    });
    await put([sampleAsset(tenant, 'urn:a', { domain: 'one' })]);
    await store.commit(
      sampleBatch({
        documents: [{ document: sampleAsset(tenant, 'urn:a', { version: 2, domain: 'two' }), expectedVersion: 1 }],
      }),
    );
    expect([await find(inDomain('one')), await find(inDomain('two'))]).toEqual([[], ['urn:a']]);
    await store.commit(
      sampleBatch({
        documents: [
          {
            document: sampleAsset(tenant, 'urn:a', { version: 3, domain: 'two', status: 'deleted' }),
            expectedVersion: 2,
          },
        ],
      }),
    );
    expect(await find(inDomain('two'))).toEqual([]);
    await store.commit(
      sampleBatch({
        documents: [{ document: sampleAsset(tenant, 'urn:a', { version: 4, domain: 'two' }), expectedVersion: 3 }],
      }),
    );
    expect(await find(inDomain('two'))).toEqual(['urn:a']);
  });

  it('finds a document by its urn, under all other conditions and after the position asked for', async () => {
    const { tenant } = context;
    await put([sampleAsset(tenant, 'urn:a'), sampleAsset(tenant, 'urn:b', { status: 'deleted' })]);
    const byUrn = (urn: string): Filter => ({
      op: 'and',
      args: [
        { op: 'and', args: [{ op: 'eq', field: 'urn', value: urn }] },
        { op: 'eq', field: 'kind', value: 'asset' },
      ],
    });
    expect(await find(byUrn('urn:a'))).toEqual(['urn:a']);
    expect(await find(byUrn('urn:a'), { afterUrn: 'urn:a' })).toEqual([]);
    expect(await find({ op: 'and', args: [byUrn('urn:a'), { op: 'eq', field: 'type', value: 'view' }] })).toEqual([]);
    expect([await find(byUrn('urn:b')), await find(byUrn('urn:b'), { includeDeleted: true })]).toEqual([[], ['urn:b']]);
    expect(await find(byUrn('urn:none'))).toEqual([]);
  });

  it('ends a page behind the bytes that it may have, and says where to go on', async () => {
    const { tenant, store } = context;
    const large = { description: 'x'.repeat(20_000) };
    const urns = ['urn:1', 'urn:2', 'urn:3', 'urn:4', 'urn:5'];
    await put(urns.map((urn) => sampleAsset(tenant, urn, large)));
    const page = { tenant, filter: everything, limit: 10 };
    const pages: (readonly string[])[] = [];
    for (let afterUrn: string | undefined = ''; afterUrn !== undefined;) {
      const { documents, next } = (await store.find({ ...page, afterUrn, maxBytes: 30_000 })) as FoundPage;
      pages.push(documents.map(({ urn }) => urn));
      afterUrn = next;
    }
    expect(pages).toEqual([['urn:1', 'urn:2'], ['urn:3', 'urn:4'], ['urn:5']]);
    expect((await store.find({ ...page, maxBytes: 1 })).documents).toHaveLength(1);
    expect(await store.find({ ...page, limit: 5, maxBytes: 1e9 })).toMatchObject({ next: undefined });
    expect(await store.find({ ...page, limit: 4, maxBytes: 1e9 })).toMatchObject({ next: 'urn:4' });
  });

  it('P4: orders and compares texts by code points', async () => {
    const { tenant } = context;
    const names = ['\uFFFD', '\u{1F600}', 'z', '\uE000'];
    await put(names.map((name) => sampleAsset(tenant, `urn:${name}`, { name })));
    expect(await find(everything)).toEqual(['urn:z', 'urn:\uE000', 'urn:\uFFFD', 'urn:\u{1F600}']);
    const after: Filter = { op: 'gt', field: 'name', value: '\uFFFD' };
    expect(await find(after)).toEqual(['urn:\u{1F600}']);
    expect(names.filter((name) => compileFilter(after)(sampleAsset(tenant, 'urn:x', { name }).head))).toEqual([
      '\u{1F600}',
    ]);
    expect(await find(everything, { afterUrn: 'urn:\uFFFD' })).toEqual(['urn:\u{1F600}']);
  });

  it('finds nothing of another tenant', async () => {
    const { tenant, store } = context;
    await put([sampleAsset(`${tenant}-b`, 'urn:theirs'), sampleAsset(`${tenant}0`, 'urn:odd')]);
    expect(await store.find({ tenant, filter: everything, limit: 10, maxBytes: 1e9 })).toEqual({
      documents: [],
      next: undefined,
    });
  });

  it('names the tenants that have documents, also tenants whose names begin alike', async () => {
    const { tenant, store } = context;
    const names = [tenant, `${tenant}-b`, `${tenant}0`, `${tenant}~`];
    for (const name of names) await put([sampleAsset(name, 'urn:a'), sampleAsset(name, 'urn:b')]);
    const found = await store.tenants();
    expect(found.filter((name) => name.startsWith(tenant)).toSorted()).toEqual(names.toSorted());
  });

  it('means by every filter what the subscription filter means', async () => {
    const { tenant } = context;
    const assets = fc
      .sample(assetFields, { numRuns: 80, seed: 20_260_301 })
      .map((fields, i) => sampleAsset(tenant, i < texts.length ? urnOf(texts[i] ?? '') : `urn:${i}`, fields));
    const documents = [
      ...assets,
      ...[0, 1, 2, 2.5].map((severity) => sampleAlert(tenant, `urn:alert:${severity}`, { severity, assignees: ['a'] })),
    ];
    await put(documents);
    await fc.assert(
      fc.asyncProperty(anyFilter, fc.boolean(), async (filter, includeDeleted) => {
        const matches = compileFilter(filter);
        const expected = documents
          .filter(({ head }) => matches(head) && (includeDeleted || head.status !== 'deleted'))
          .map(({ urn }) => urn);
        expect((await find(filter, { includeDeleted })).toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: 500 },
    );
  });
}
