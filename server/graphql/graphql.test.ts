import { buildSchema, getIntrospectionQuery, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assetSchema, columnSchema } from '../../channels/contract/asset-schema.ts';
import { conceptSchemas } from '../../channels/contract/concept-schema.ts';
import {
  alertAnswerSchema,
  definitionAnswerSchema,
  relationshipAnswerSchema,
} from '../../channels/contract/document-schema.ts';
import { assetRoles, orders, ordersPath, ordersUrn } from '../../test/harness/asset-fixture.ts';
import { AssetWorld, type CallOptions, type EmbeddedAssetWorld } from '../../test/harness/asset-world.ts';
import { schemaText } from './schema/schema-text.ts';

let world: EmbeddedAssetWorld;
beforeAll(async () => {
  world = await AssetWorld.embedded(assetRoles);
  await world.scan(orders());
  await world.scan({ type: 'table', name: 'customers', domain: 'retail' }, 'urn:gov:warehouse:customers');
  await world.scan({ type: 'table', name: 'salaries', domain: 'staff' }, 'urn:gov:warehouse:salaries');
});
afterAll(() => world[Symbol.asyncDispose]());

interface Result {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
}

/** `variables` as a client sends them. */
async function run(query: string, variables: object = {}, options: CallOptions = {}): Promise<Result> {
  const { body } = await world.call('POST', '/graphql', { body: { query, variables }, ...options });
  return body;
}

const patch = `mutation ($urn: ID!, $patch: JSON!, $ifMatch: String, $key: String) {
  patchAsset(urn: $urn, patch: $patch, ifMatch: $ifMatch, idempotencyKey: $key) {
    __typename
    ... on Saved { document { etag ... on Asset { description } } changes { path old new } event isRepeated }
    ... on Conflict { detail current { etag ... on Asset { description } } }
    ... on Problem { code status detail }
  }
}`;

describe('queries', () => {
  it('S9 an asset has the members that REST answers, and its etag', async () => {
    const { body, headers } = await world.call('GET', ordersPath);
    const { data } = await run(
      `query ($urn: ID!) { asset(urn: $urn) {
        urn kind type name domain status description etag owners { id type role }
        columns(first: 1) { nodes { name } totalCount pageInfo { hasNextPage endCursor } } } }`,
      { urn: ordersUrn },
    );
    expect(data?.['asset']).toMatchObject({
      ...{ urn: ordersUrn, kind: 'asset', type: 'table', name: 'orders', domain: 'retail', status: 'active' },
      ...{ description: body['description'], etag: headers['etag'] },
      owners: [{ id: 'bob', type: 'user', role: null }],
      columns: { nodes: [{ name: 'id' }], totalCount: 2, pageInfo: { hasNextPage: true } },
    });
  });

  it('S9 what REST does not show is null, and in no list', async () => {
    const query = `query ($urn: ID!) { asset(urn: $urn) { name }
      assets(sort: NAME) { nodes { name } pageInfo { hasNextPage endCursor } } }`;
    const { data } = await run(query, { urn: 'urn:gov:warehouse:salaries' }, { role: 'own' });
    expect(data).toEqual({
      asset: null,
      assets: {
        nodes: [{ name: 'customers' }, { name: 'orders' }],
        pageInfo: { hasNextPage: false, endCursor: null },
      },
    });
  });

  it('pages through assets, columns and history, with names and conditions of REST', async () => {
    const query = `query ($after: String) { assets(first: 2, sort: NAME, after: $after, filter: { type: "table" }) {
      nodes { name columns { nodes { key } } history(first: 1) { nodes { kind subject } } }
      pageInfo { hasNextPage endCursor } } }`;
    const first = await run(query);
    const page = first.data?.['assets'] as { nodes: unknown; pageInfo: { endCursor: string } };
    expect(page).toMatchObject({
      nodes: [
        { name: 'customers', history: { nodes: [{ kind: 'enter', subject: 'urn:gov:warehouse:customers' }] } },
        { name: 'orders', history: { nodes: [{ kind: 'enter', subject: ordersUrn }] } },
      ],
      pageInfo: { hasNextPage: true },
    });
    const second = await run(query, { after: page.pageInfo.endCursor });
    expect(second.data?.['assets']).toMatchObject({ nodes: [{ name: 'salaries' }], pageInfo: { hasNextPage: false } });
  });

  it('an error of a field has its path and what the hub says of it; other fields are answered', async () => {
    const result = await run('{ me { sub roles } assets(filter: { nothing: 1 }) { nodes { urn } } }');
    expect(result).toMatchObject({
      data: null,
      errors: [{ path: ['assets'], extensions: { code: 'invalid-filter', status: 400, retryable: false } }],
    });
    expect(await run('{ me { sub roles capabilities { write } } }')).toMatchObject({
      data: { me: { sub: 'ada', roles: ['steward'] } },
    });
  });
});

describe('mutations', () => {
  it('S9 two people who save what they have seen lose no word: the second has a conflict with what is there', async () => {
    const { data } = await run('query ($urn: ID!) { asset(urn: $urn) { etag } }', { urn: ordersUrn });
    const etag = (data?.['asset'] as { etag: string } | undefined)?.etag;
    const saved = await run(patch, { urn: ordersUrn, patch: { description: 'of the shop' }, ifMatch: etag });
    expect(saved.data?.['patchAsset']).toMatchObject({
      ...{ __typename: 'Saved', isRepeated: false, event: expect.any(String) as unknown },
      document: { description: 'of the shop' },
      changes: expect.arrayContaining([
        { path: '/description', old: 'from the source', new: 'of the shop' },
      ]) as unknown,
    });
    const late = await run(patch, { urn: ordersUrn, patch: { description: 'mine' }, ifMatch: etag }, { sub: 'bob' });
    expect(late.data?.['patchAsset']).toMatchObject({
      __typename: 'Conflict',
      current: {
        description: 'of the shop',
        etag: (saved.data?.['patchAsset'] as { document: { etag: string } } | undefined)?.document.etag,
      },
    });
  });

  it('S9 a mutation has its effect once for an idempotency key', async () => {
    const variables = { urn: ordersUrn, patch: { domain: 'sales' }, key: 'once' };
    const results = [await run(patch, variables), await run(patch, variables)];
    expect(results.map(({ data }) => data?.['patchAsset'])).toMatchObject([
      { isRepeated: false },
      { isRepeated: true },
    ]);
    expect((await run(patch, { ...variables, patch: { domain: 'other' } })).data?.['patchAsset']).toMatchObject({
      ...{ __typename: 'Problem', code: 'idempotency-mismatch', status: 422 },
    });
  });

  it('S9 what REST refuses is refused, and nothing is changed', async () => {
    const before = (await world.call('GET', ordersPath)).body;
    const problem = await run(patch, { urn: ordersUrn, patch: { description: 'no' } }, { role: 'reader' });
    expect(problem.data?.['patchAsset']).toMatchObject({ __typename: 'Problem', code: 'forbidden', status: 403 });
    const inline = `mutation { patchAsset(urn: "${ordersUrn}", patch: { owners: [{ id: "eve" }] }) {
      ... on Problem { code detail } } }`;
    expect((await run(inline)).data?.['patchAsset']).toMatchObject({ code: 'invalid-request' });
    expect((await world.call('GET', ordersPath)).body).toEqual(before);
  });

  it('creates, replaces and deletes an asset of people', async () => {
    const { data } = await run(`mutation { createAsset(document: { name: "Report", type: "dashboard" }) {
      ... on Saved { document { urn name etag } } } }`);
    const asset = (data?.['createAsset'] as { document: { urn: string } } | undefined)?.document;
    expect(asset?.urn).toMatch(/^urn:gov:hub:/);
    const replaced = await run(
      `mutation ($urn: ID!, $etag: String!) {
        replaceAsset(urn: $urn, ifMatch: $etag, document: { name: "Report", type: "dashboard", description: "weekly" }) {
          ... on Saved { document { ... on Asset { description } } } } }`,
      asset,
    );
    expect(replaced.data?.['replaceAsset']).toEqual({ document: { description: 'weekly' } });
    const remove = `mutation ($urn: ID!, $etag: String!) { deleteAsset(urn: $urn, ifMatch: $etag) { __typename } }`;
    expect((await run(remove, asset)).data).toEqual({ deleteAsset: { __typename: 'Conflict' } });
    expect((await run(remove, { ...asset, etag: '*' })).data).toEqual({ deleteAsset: { __typename: 'Deleted' } });
  });

  it('S9 every kind is read and changed in the same way', async () => {
    const bodies = {
      relationship: { type: 'feeds', from: 'urn:gov:warehouse:customers', to: ordersUrn, lineage: true },
      definition: { scheme: 'geo', name: 'city' },
      term: { id: 'balance', name: 'Balance', synonyms: { saldo: {} } },
      domain: { id: 'lending', name: 'Lending', experts: { ada: {} } },
      team: { id: 'cards', name: 'Cards', contact: 'cards@example.com' },
    };
    for (const [kind, document] of Object.entries(bodies)) {
      const name = kind.replace(/^./, (first) => first.toUpperCase());
      const create = `mutation ($document: JSON!) { create${name}(document: $document) {
        __typename ... on Saved { document { __typename urn kind etag } } ... on Problem { detail } } }`;
      const { data } = await run(create, { document }, { role: 'chief' });
      const saved = (data?.[`create${name}`] as { document?: { urn: string } } | undefined)?.document;
      expect(saved, JSON.stringify(data)).toMatchObject({ __typename: name, kind });
      const read = `query ($urn: ID!) { ${kind}(urn: $urn) { urn name } ${kind}s { nodes { urn } } }`;
      expect((await run(read, { urn: saved?.urn })).data).toMatchObject({
        [kind]: { urn: saved?.urn },
        [`${kind}s`]: { nodes: [{ urn: saved?.urn }] },
      });
    }
    const graph = `query ($urn: ID!) { asset(urn: $urn) {
      lineage(direction: UPSTREAM) { nodes { entity { name } distance } edges { type } cut } impact { total } } }`;
    expect((await run(graph, { urn: ordersUrn })).data?.['asset']).toEqual({
      lineage: {
        nodes: [
          { entity: { name: 'orders' }, distance: 0 },
          { entity: { name: 'customers' }, distance: -1 },
        ],
        edges: [{ type: 'feeds' }],
        cut: null,
      },
      impact: { total: 0 },
    });
    expect((await run('{ alerts { nodes { subject severity } } }')).data).toEqual({ alerts: { nodes: [] } });
  });

  it('decides suggestions one by one', async () => {
    const { data } = await run(
      `mutation ($decisions: [SuggestionDecision!]!) {
        decideSuggestions(decisions: $decisions) { urn column tag result event error } }`,
      {
        decisions: [
          { urn: ordersUrn, column: 'email', tag: 'pii/email', decision: 'APPROVE', reason: null },
          { urn: 'urn:gov:nowhere', tag: 'pii/email', decision: 'REJECT' },
        ],
      },
    );
    expect(data?.['decideSuggestions']).toMatchObject([
      { urn: ordersUrn, column: 'email', result: 'done', error: null },
      { urn: 'urn:gov:nowhere', result: 'refused', error: { code: 'not-found' } },
    ]);
  });
});

describe('the schema', () => {
  const schema = buildSchema(schemaText);
  const fieldsOf = (name: string): readonly string[] => {
    const type = schema.getType(name);
    return isObjectType(type) ? Object.keys(type.getFields()) : [];
  };

  it('S9 has exactly the members that REST answers, and those that GraphQL adds', () => {
    const added = { Asset: ['etag', 'history', 'lineage', 'impact'] };
    // a definition has no type; `native` is of messages that have no mapping
    const left = { Asset: ['native'], Definition: ['type'] };
    for (const [name, { shape }] of Object.entries({
      Asset: assetSchema,
      Relationship: relationshipAnswerSchema,
      Definition: definitionAnswerSchema,
      Alert: alertAnswerSchema,
      Term: conceptSchemas.term,
      Domain: conceptSchemas.domain,
      Team: conceptSchemas.team,
      Column: columnSchema,
    })) {
      const more = Object.entries(added).find(([each]) => each === name)?.[1] ?? (name === 'Column' ? [] : ['etag']);
      const without = Object.entries(left).find(([each]) => each === name)?.[1] ?? [];
      const described = [...Object.keys(shape), ...more].filter((field) => !without.includes(field));
      const fields = fieldsOf(name).filter((field) => !without.includes(field));
      expect(fields.toSorted(), name).toEqual(described.toSorted());
    }
  });

  it('says itself what it is, to introspection', async () => {
    const { data } = await run(getIntrospectionQuery());
    expect(Object.keys(data ?? {})).toEqual(['__schema']);
  });
});

describe('limits', () => {
  it('S9 what would cost too much is refused before anything is done', async () => {
    const dear = '{ assets(first: 1000) { nodes { columns(first: 1000) { nodes { name } } } } }';
    expect(await run(dear)).toMatchObject({ errors: [{ extensions: { code: 'limit-exceeded' } }] });
    const many = `{ ${Array.from({ length: 1500 }, (_, index) => `a${index}: me { sub }`).join(' ')} }`;
    expect(await run(many)).toMatchObject({ errors: [{ message: expect.stringContaining('token') as unknown }] });
    const aliases = Array.from(
      { length: 300 },
      (_, index) => `a${index}: asset(urn: "x") { history(first: 200) { nodes { id } } }`,
    );
    expect(await run(`{ ${aliases.slice(0, 60).join(' ')} }`)).toMatchObject({
      errors: [{ extensions: { code: 'limit-exceeded' } }],
    });
    const variable = 'query ($n: Int!) { assets(first: $n) { nodes { columns(first: $n) { nodes { name } } } } }';
    expect(await run(variable, { n: 1000 })).toMatchObject({ errors: [{ extensions: { code: 'limit-exceeded' } }] });
  });

  it('R1 S9 a number of items below 1 pays for nothing else', async () => {
    const rest = 'b: assets(first: 500) { nodes { columns(first: 200) { nodes { name } } } }';
    for (const free of ['a: assets(first: -2000000000) { nodes { urn } }', 'a: assets(first: 0) { nodes { urn } }'])
      expect(await run(`{ ${free} ${rest} }`), free).toMatchObject({
        errors: [{ extensions: { code: 'limit-exceeded' } }],
      });
  });

  it('R1 S9 what a query has begun ends before its answer, also if a field has failed', async () => {
    const begun = world.calls;
    const many = Array.from({ length: 40 }, (_, index) => `b${index}: asset(urn: "${ordersUrn}") { etag }`).join(' ');
    const { errors } = await run(`{ ${many} a: assets(first: 5000) { nodes { urn } } }`);
    expect(errors).toHaveLength(1);
    const done = world.calls - begun;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(world.calls - begun).toBe(done);
  });

  it('R1 S9 fragments within fragments, and lists within lists, are refused as such', async () => {
    const fragments = Array.from(
      { length: 15 },
      (_, index) => `fragment F${index} on Query { a${index}: __typename ...F${index + 1} ...F${index + 1} }`,
    );
    const query = `query { ...F0 } ${fragments.join(' ')} fragment F15 on Query { me { sub } }`;
    const results = [await run(query), await run(`{ assets(filter: ${'['.repeat(30_000)}) { nodes { urn } } }`)];
    for (const { errors } of results)
      expect(['limit-exceeded', 'invalid-request']).toContain(errors?.[0]?.extensions['code']);
    expect(world.faults.map(({ code }) => code)).not.toContain('internal');
  });

  it('a query that is none says what is wrong with it', async () => {
    expect(await run('{ nothing }')).toMatchObject({ errors: [{ extensions: { code: 'invalid-request' } }] });
    expect(await run('{ me ')).toMatchObject({ errors: [{ extensions: { code: 'invalid-request' } }] });
    expect(await world.call('POST', '/graphql', { body: { query: 7 } })).toMatchObject({
      status: 400,
      code: 'invalid-request',
    });
    const recursive = 'query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }';
    expect((await run(recursive)).errors).toHaveLength(1);
  });

  it('negative and huge numbers of items are refused by the field', async () => {
    for (const first of [-5, 0, 1001])
      expect(await run(`{ assets(first: ${first}) { nodes { urn } } }`), String(first)).toMatchObject({
        errors: [{ extensions: { code: 'invalid-request' } }],
      });
  });
});
