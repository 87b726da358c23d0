import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetRoles, orders, ordersPath as path, ordersUrn as urn } from '../../test/harness/asset-fixture.ts';
import { AssetWorld, type HttpAnswer } from '../../test/harness/asset-world.ts';
import { ordersWorld } from '../../test/harness/orders-world.ts';

const shop = ordersWorld();
const { patch, read } = shop;
const headers = { 'content-type': 'application/json-patch+json' };
const accept = { accept: 'application/vnd.pursight.keyed+json' };
const change = (operations: unknown, more: object = {}): Promise<HttpAnswer> =>
  patch(operations, { headers: { ...headers, ...more } });

describe('the keyed form', () => {
  it('S10 is what a patch takes: lists are objects by the keys of their members', async () => {
    await patch({ properties: { 'a/b': { c: [1] } }, terms: { revenue: {} } });
    const { status, headers: answered, body } = await read({ headers: accept });
    expect([status, answered['content-type'], answered['vary']]).toEqual([200, accept.accept, 'authorization, accept']);
    expect(body).toMatchObject({
      ...{ urn, owners: { bob: { type: 'user' } }, terms: { revenue: {} }, properties: { 'a/b': { c: [1] } } },
      columns: {
        id: { classifications: {} },
        email: { key: expect.any(String), classifications: { 'pii/email': { state: 'suggested', level: 3 } } },
      },
    });
    expect(answered['etag']).toBe((await read()).headers['etag']);
    expect((await read({ headers: { ...accept, 'if-none-match': answered['etag'] ?? '' } })).status).toBe(304);
  });
});

describe('a JSON Patch', () => {
  it('S10 changes what a merge patch changes, and is answered as one', async () => {
    const { columns } = (await read({ headers: accept })).body as { columns: { email: { key: string } } };
    const answer = await change([
      { op: 'test', path: '/description', value: 'from the source' },
      { op: 'replace', path: '/description', value: 'by hand' },
      { op: 'remove', path: '/owners/bob' },
      { op: 'add', path: '/owners/eve', value: { type: 'group' } },
      { op: 'add', path: `/columns/${columns.email.key}/classifications/pii~1email/state`, value: 'confirmed' },
    ]);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        event: expect.any(String),
        asset: {
          ...{ description: 'by hand', owners: [{ id: 'eve', type: 'group' }] },
          columns: [{ name: 'id' }, { name: 'email', classifications: [{ name: 'email', state: 'confirmed' }] }],
        },
      },
    });
  });

  it('S10 nothing of it is done if a test fails, and the answer names the place', async () => {
    const answer = await change([
      { op: 'replace', path: '/description', value: 'by hand' },
      { op: 'test', path: '/domain', value: 'risk' },
    ]);
    expect(answer).toMatchObject({ status: 412, code: 'precondition-failed', body: { details: { path: '/domain' } } });
    expect((await read()).body).toMatchObject({ description: 'from the source' });
  });

  it('S10 a test is judged on the asset as it is when the change is made', async () => {
    let calls = 0;
    shop.world.onCommit = async () => {
      if (++calls === 1) await shop.world.scan({ ...orders(), domain: 'risk' });
    };
    const operations = [
      { op: 'test', path: '/domain', value: 'retail' },
      { op: 'replace', path: '/description', value: 'by hand' },
    ];
    expect(await change(operations)).toMatchObject({ status: 412 });
    expect((await read()).body).toMatchObject({ description: 'from the source', domain: 'risk' });
  });

  it('S10 is the same for entities of any kind that people change', async () => {
    const body = { id: 'balance', name: 'Balance', synonyms: { saldo: {} }, owners: { ada: {} } };
    await shop.world.call('POST', '/v1/terms', { body });
    const term = `/v1/terms/${encodeURIComponent('urn:gov:term:balance')}`;
    expect((await shop.world.call('GET', term, { headers: accept })).body).toMatchObject({
      ...{ name: 'Balance', synonyms: { saldo: {} }, owners: { ada: { type: 'user' } }, relatedTerms: {} },
    });
    const operations = [
      { op: 'test', path: '/status', value: 'draft' },
      { op: 'replace', path: '/status', value: 'approved' },
      { op: 'move', from: '/synonyms/saldo', path: '/synonyms/rest' },
    ];
    const patched = await shop.world.call('PATCH', term, { headers, body: operations });
    expect(patched).toMatchObject({ status: 200, body: { term: { status: 'approved', synonyms: ['rest'] } } });
    expect(await shop.world.call('PATCH', term, { headers, body: operations })).toMatchObject({ status: 412 });
  });

  it.each<[string, unknown, number, string]>([
    ['a member that only the source says', [{ op: 'replace', path: '/name', value: 'x' }], 403, '/name'],
    ['an index into a list', [{ op: 'remove', path: '/owners/0' }], 412, '/owners/0'],
    ['an unknown operation', [{ op: 'increment', path: '/domain' }], 400, 'op'],
    ['no pointer', [{ op: 'remove', path: 'domain' }], 400, 'path'],
    ['an object', { op: 'remove', path: '/domain' }, 400, 'message'],
    ['nothing', [], 400, 'message'],
    ['too many', Array.from({ length: 501 }, () => ({ op: 'remove', path: '/domain' })), 400, 'message'],
  ])('refuses %s', async (_name, operations, status, message) => {
    expect(await change(operations)).toMatchObject({ status, message: expect.stringContaining(message) });
  });

  it('S6 is done once with a key, and another one with the key is refused', async () => {
    const operations = [{ op: 'replace', path: '/description', value: 'by hand' }];
    const key = { 'idempotency-key': 'k' };
    expect((await change(operations, key)).body['event']).not.toBeNull();
    expect(await change(operations, key)).toMatchObject({ status: 200, body: { event: null } });
    expect(await change([{ op: 'remove', path: '/domain' }], key)).toMatchObject({ status: 422 });
  });

  it('other media types are refused by the names of both', async () => {
    const answer = await patch({}, { headers: { 'content-type': 'application/json' } });
    expect(answer).toMatchObject({
      status: 415,
      message: expect.stringMatching(/merge-patch\+json or .*json-patch\+json/),
    });
  });

  const id = fc.constantFrom('ada', 'bob', 'eve');
  const step = fc.oneof(
    fc.record({
      field: fc.constant('description'),
      key: fc.constant(''),
      value: fc.constantFrom('x', 'from the source', ''),
    }),
    fc.record({ field: fc.constant('domain'), key: fc.constant(''), value: fc.constantFrom('retail', 'risk') }),
    fc.record({ field: fc.constant('owners'), key: id, value: fc.constantFrom({}, { type: 'group' }, null) }),
    fc.record({ field: fc.constant('terms'), key: id, value: fc.constantFrom({}, null) }),
    fc.record({ field: fc.constant('properties'), key: id, value: fc.constantFrom(1, { a: 1 }, { b: [2] }, null) }),
    fc.record({
      field: fc.constant('classifications'),
      key: fc.constantFrom('pii/a', 'pii/b'),
      value: fc.constantFrom({ state: 'confirmed' }, null),
    }),
  );

  it('S10 has the same effect as the merge patch that says the same', { timeout: 60_000 }, async () => {
    await using one = await AssetWorld.embedded(assetRoles);
    await using other = await AssetWorld.embedded(assetRoles);
    for (const world of [one, other]) await world.scan(orders());
    const shown = async (world: AssetWorld): Promise<object> => {
      const { body } = await world.call('GET', path);
      return JSON.parse(
        JSON.stringify(body, (name, value: unknown) => (/^(?:at|key|createdAt|updatedAt)$/.test(name) ? 0 : value)),
      ) as object;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(step, { selector: ({ field, key }) => field + key, minLength: 1, maxLength: 5 }),
        async (steps) => {
          const keyed = (await one.call('GET', path, { headers: accept })).body;
          const merge: Record<string, unknown> = {};
          const operations: object[] = [];
          for (const { field, key, value } of steps) {
            const members = keyed[field];
            const pointer = `/${field}${key === '' ? '' : `/${key.replace('/', '~1')}`}`;
            const isThere = key === '' || (typeof members === 'object' && members !== null && key in members);
            if (value === null && !isThere) continue;
            // an object is merged into what is there by one, and takes its place by the other
            if (typeof value === 'object' && value !== null && isThere) continue;
            operations.push(value === null ? { op: 'remove', path: pointer } : { op: 'add', path: pointer, value });
            merge[field] = key === '' ? value : { ...(merge[field] as object | undefined), [key]: value };
          }
          if (operations.length === 0) return;
          const patched = await one.call('PATCH', path, { role: 'chief', headers, body: operations });
          const mergedAnswer = await other.call('PATCH', path, { role: 'chief', body: merge });
          expect([patched.status, mergedAnswer.status]).toEqual([200, 200]);
          expect(await shown(one)).toEqual(await shown(other));
        },
      ),
      { numRuns: 60 },
    );
  });
});
