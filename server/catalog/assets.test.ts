import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AssetPatch, ClassificationChange } from '../../channels/catalog/change.ts';
import type { Classification } from '../../channels/catalog/document.ts';
import type { Grant } from '../../channels/policy/policy.ts';
import {
  AssetWorld,
  type CallOptions,
  embeddedStorage,
  type EmbeddedAssetWorld,
  type HttpAnswer,
} from '../../test/harness/asset-world.ts';

const roles: Readonly<Record<string, readonly Grant[]>> = {
  steward: [{ allow: 'read' }, { allow: 'write' }],
  chief: [{ allow: 'read' }, { allow: 'write' }, { allow: 'declassify' }],
  reader: [{ allow: 'read' }],
  viewer: [{ allow: 'read' }, { allow: 'write' }, { deny: 'read', where: { tags: { $startsWith: 'pii/' } } }],
  retail: [{ allow: 'read' }, { allow: 'write', where: { domain: 'retail' } }],
  own: [{ allow: 'read', where: { domain: 'retail' } }, { allow: 'write' }],
  writer: [{ allow: 'write' }],
  documentalist: [
    { allow: 'read' },
    { allow: 'write', fields: ['description', 'columns.description', 'owners'] },
    { deny: 'write', fields: ['owners'], where: { status: 'active' } },
  ],
};
const urn = 'urn:gov:warehouse:orders';
const path = `/v1/assets/${encodeURIComponent(urn)}`;

function suggested(state: Classification['state'] = 'suggested'): ClassificationChange {
  return { mode: 'state', list: [{ scheme: 'pii', name: 'email', origin: 'automated', state, level: 3 }] };
}
function orders(state?: Classification['state']): AssetPatch {
  return {
    type: 'table',
    name: 'orders',
    description: 'from the source',
    domain: 'retail',
    owners: { mode: 'state', list: [{ id: 'bob', type: 'user' }] },
    columns: { mode: 'state', list: [{ name: 'id' }, { name: 'email', classifications: suggested(state) }] },
  };
}

let world: EmbeddedAssetWorld;
beforeEach(async () => {
  world = await AssetWorld.embedded(roles);
  await world.scan(orders());
});
afterEach(async () => world[Symbol.asyncDispose]());

const patch = (body: unknown, options: CallOptions = {}): Promise<HttpAnswer> =>
  world.call('PATCH', path, { ...options, body });
const read = (options: CallOptions = {}): Promise<HttpAnswer> => world.call('GET', path, options);
const etagOf = async (options: CallOptions = {}): Promise<string> => (await read(options)).headers['etag'] ?? '';

describe('PATCH of an asset', () => {
  it('S1 people say something over the source, and see both', async () => {
    const patched = await patch({
      description: 'by hand',
      owners: { ada: {}, bob: null },
      properties: { tier: 'gold' },
    });
    expect(patched).toMatchObject({
      status: 200,
      body: {
        asset: { description: 'by hand', owners: [{ id: 'ada', type: 'user' }] },
        event: expect.stringMatching(/^[\w-]{22}$/),
      },
    });
    const change = { op: 'replace', path: '/description', old: 'from the source', new: 'by hand' };
    expect(patched.body['changes']).toContainEqual(change);
    await world.scan({ ...orders(), description: 'newer' });
    const { body: asset, headers } = await read();
    expect(asset).toMatchObject({
      description: 'by hand',
      curated: {
        description: { source: 'newer', value: 'by hand', by: 'ada', at: expect.any(String) },
        owners: {
          added: [{ key: 'ada', value: { id: 'ada', type: 'user' }, by: 'ada' }],
          removed: [{ key: 'bob', source: { id: 'bob', type: 'user' }, by: 'ada' }],
        },
        properties: { added: [{ key: 'tier', value: 'gold' }] },
      },
    });
    expect(headers['etag']).not.toBe(patched.body['etag']);
  });

  it('I7 what alters nothing has no event', async () => {
    expect(await patch({ description: 'from the source' })).toMatchObject({
      status: 200,
      body: { changes: [], event: null, etag: await etagOf() },
    });
  });

  it.each<[string, unknown, string, string]>([
    ['a list', { owners: ['ada'] }, 'invalid-request', '/owners: a list is patched by the keys of its members'],
    ['columns as a list', { columns: [] }, 'invalid-request', '/columns: a list is patched'],
    ['an unknown member', { descripton: 'x' }, 'invalid-request', '/descripton: unknown; known are description'],
    ['an unknown column', { columns: { nix: {} } }, 'invalid-request', '/columns/nix: there is no such column'],
    ['a column by name and key', 'both', 'invalid-request', 'the column is named twice'],
    [
      'a bad tag',
      { classifications: { pii: {} } },
      'invalid-request',
      '/classifications/pii: a classification is written',
    ],
    [
      'a bad state',
      { classifications: { 'a/b': { state: 'suggested' } } },
      'invalid-request',
      'must be "confirmed" or',
    ],
    ['the status of a tombstone', { status: 'deleted' }, 'invalid-request', '/status: must be'],
    ['what the source says', { name: 'x' }, 'forbidden', '/name: only its sources say this'],
    ['the type of a column', { columns: { id: { type: 'int' } } }, 'forbidden', '/columns/id/type: only its sources'],
    ['a column removed', { columns: { id: null } }, 'forbidden', '/columns/id: only its source removes a column'],
    ['no object', [], 'invalid-request', 'body: must be a JSON object'],
    ['no JSON', '{', 'invalid-json', 'body: not JSON'],
  ])('names what is wrong: %s', async (_name, body, code, message) => {
    const { columns } = (await read()).body as { columns: { key: string }[] };
    const wrong = body === 'both' ? { columns: { id: {}, [columns[0]?.key ?? '']: {} } } : body;
    const answer = await patch(wrong);
    expect([answer.code, answer.message]).toEqual([code, expect.stringContaining(message)]);
  });

  it('is bounded in members, and in its media type', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, 1]));
    expect(await patch({ properties: many })).toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('500'),
    });
    const json = { 'content-type': 'application/json-patch+json' };
    expect(await patch({}, { headers: json })).toMatchObject({ status: 415, code: 'unsupported-media-type' });
  });

  it('merges properties as RFC 7396 says, and knows columns by key as well', async () => {
    await patch({ properties: { sla: { hours: 4, days: { mo: 1 } } } });
    const answer = await patch({ properties: { sla: { hours: null, days: { tu: 2 } } } });
    expect(answer.body['asset']).toMatchObject({ properties: [{ key: 'sla', value: { days: { mo: 1, tu: 2 } } }] });
    const { columns } = (await read()).body as { columns: { key: string; name: string }[] };
    const [id] = columns;
    const byKey = await patch({ columns: { [id?.key ?? '']: { description: 'number' } } });
    expect(byKey.body['asset']).toMatchObject({
      columns: [{ name: 'id', description: 'number', curated: { description: { source: null } } }, { name: 'email' }],
    });
  });
});

describe('S4 a change by people', () => {
  it('is made only of what the caller has seen', async () => {
    const seen = await etagOf();
    expect(seen).toMatch(/^"[\w-]{22}"$/);
    await patch({ description: 'b' }, { sub: 'eve' });
    for (const ifMatch of [seen, `W/${await etagOf()}`, '"x"']) {
      const refused = await patch({ description: 'a' }, { headers: { 'if-match': ifMatch } });
      expect(refused).toMatchObject({ status: 412, code: 'precondition-failed' });
    }
    const current = await patch({ description: 'a' }, { headers: { 'if-match': `"x", ${await etagOf()}` } });
    expect(current.body['asset']).toMatchObject({ description: 'a' });
  });

  it('has one winner when two race, with If-Match; without it both are kept', async () => {
    const seen = { 'if-match': await etagOf() };
    const race = (headers: Readonly<Record<string, string>>): Promise<readonly HttpAnswer[]> =>
      Promise.all(['ada', 'eve', 'kim'].map((sub) => patch({ owners: { [sub]: {} } }, { sub, headers })));
    expect((await race(seen)).map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200, 412, 412,
    ]);
    expect((await race({})).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await read()).body).toMatchObject({ owners: ['bob', 'ada', 'eve', 'kim'].map((id) => ({ id })) });
  });

  it('that loses a race against another process is judged again on what that has left', async () => {
    const once = (work: () => Promise<unknown>): void => {
      world.onCommit = async () => {
        world.onCommit = async () => undefined;
        await work();
      };
    };
    once(() => world.scan({ ...orders(), description: 'newer' }));
    const kept = await patch({ owners: { ada: {} } });
    expect(kept.body['asset']).toMatchObject({ description: 'newer', owners: [{ id: 'bob' }, { id: 'ada' }] });
    const headers = { 'if-match': await etagOf() };
    once(() => world.scan({ ...orders(), description: 'newest' }));
    expect(await patch({ owners: { ada: null } }, { headers })).toMatchObject({ status: 412 });
    once(() => world.scan({ ...orders(), domain: 'risk' }));
    expect(await patch({ description: 'a' }, { role: 'retail' })).toMatchObject({ status: 403 });
    // what only the source knows does not fail anybody's save
    const unmoved = { 'if-match': await etagOf() };
    once(() => world.scan({ ...orders(), domain: 'risk' }));
    expect(await patch({ description: 'b' }, { headers: unmoved })).toMatchObject({ status: 200 });
  });

  it('is judged on the asset as it was and as it would be', async () => {
    expect(await patch({ domain: 'risk' }, { role: 'retail' })).toMatchObject({
      status: 403,
      message: '/domain: no grant allows you to write domain of the asset as it would be then',
    });
    expect(await patch({ description: 'a' }, { role: 'retail' })).toMatchObject({ status: 200 });
    await patch({ domain: 'risk' });
    expect(await patch({ domain: 'retail' }, { role: 'retail' })).toMatchObject({
      status: 403,
      message: '/domain: no grant allows you to write domain of this asset',
    });
    expect((await read()).body).toMatchObject({ domain: 'risk', description: 'a' });
  });

  it('moves nothing out of the sight of who makes it', async () => {
    expect(await patch({ domain: 'risk' }, { role: 'own' })).toMatchObject({
      status: 403,
      message: expect.stringContaining('you could not see the asset any more'),
    });
    expect((await read()).body).toMatchObject({ domain: 'retail' });
  });

  it('is granted by field, and a deny of a field wins', async () => {
    const role = 'documentalist';
    expect(await patch({ description: 'a' }, { role })).toMatchObject({ status: 200 });
    expect(await patch({ description: 'b', terms: { t: {} } }, { role })).toMatchObject({
      status: 403,
      message: '/terms/t: no grant allows you to write terms of this asset',
    });
    expect(await patch({ owners: { ada: {} } }, { role })).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await patch({ description: 'c' }, { role: 'reader' })).toMatchObject({ status: 403 });
    expect((await read()).body).toMatchObject({ description: 'a' });
  });

  it('has one answer for what does not exist and what may not be read', async () => {
    const nowhere = '/v1/assets/urn%3Agov%3Anothing';
    const missing = await world.call('PATCH', nowhere, { body: { description: 'a' }, role: 'writer' });
    for (const role of ['writer', 'viewer', 'nobody'])
      for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
        const answer = await world.call(method, path, { role, body: {}, headers: { 'if-match': '*' } });
        expect([method, role, answer.status, answer.body]).toEqual([method, role, 404, missing.body]);
      }
    expect(await world.call('GET', path, { tenant: 'globex' })).toMatchObject({ status: 404, body: missing.body });
  });

  it('has an ETag of the policy class, that a change of the rights alone does not move', async () => {
    const [steward, other, own] = [await etagOf(), await etagOf({ role: 'chief' }), await etagOf({ role: 'own' })];
    expect(other).toBe(steward);
    expect(own).not.toBe(steward);
    const known = await read({ headers: { 'if-none-match': `W/${steward}` } });
    expect([known.status, known.body, known.headers['etag']]).toEqual([304, {}, steward]);
    await world.scan(orders());
    expect(await etagOf()).toBe(steward);
  });
});

describe('suggestions', () => {
  const decide = async (decision: 'approve' | 'reject', options: CallOptions = {}, column = 'email') => {
    const decisions = [{ urn, column, tag: 'pii/email', decision, reason: 'seen' }];
    const answer = await world.call('POST', '/v1/suggestions:decide', { ...options, body: { decisions } });
    return (answer.body['results'] as readonly Readonly<Record<string, unknown>>[])[0] ?? {};
  };
  const tagsNow = async (): Promise<unknown> => {
    const { columns } = (await read()).body as { columns: { name: string; classifications: object[] }[] };
    return columns.find(({ name }) => name === 'email')?.classifications;
  };

  it('S2 a rejected one does not come back over three scans', async () => {
    expect(await decide('reject', { role: 'chief' })).toMatchObject({ result: 'done', event: expect.any(String) });
    for (let round = 0; round < 3; round++) {
      expect(await world.scan(orders())).toBe(0);
      expect(await tagsNow()).toEqual([]);
      expect((await read({ role: 'viewer' })).status).toBe(200);
    }
    expect((await read()).body).toMatchObject({
      columns: [
        {},
        { curated: { classifications: { rejected: [{ scheme: 'pii', name: 'email', by: 'ada', reason: 'seen' }] } } },
      ],
    });
  });

  it('S3 rejected without the right to declassify it is hidden, and who was denied stays denied', async () => {
    await decide('reject');
    expect([await tagsNow(), (await read({ role: 'viewer' })).status]).toEqual([[], 404]);
    await patch({ columns: { email: { classifications: { 'pii/email': { state: 'rejected' } } } } }, { role: 'chief' });
    expect((await read({ role: 'viewer' })).status).toBe(200);
  });

  it('S2 confirmed by a source after a rejection it is shown', async () => {
    await decide('reject', { role: 'chief' });
    await world.scan(orders('confirmed'));
    expect(await tagsNow()).toMatchObject([{ state: 'confirmed' }]);
    expect((await read({ role: 'viewer' })).status).toBe(404);
  });

  it('S3 neither a confirmed tag nor an approval is taken back without the right', async () => {
    const columns = (word: object | null) => ({ columns: { email: { classifications: { 'pii/email': word } } } });
    await decide('approve');
    expect(await tagsNow()).toMatchObject([{ state: 'confirmed', level: 3 }]);
    expect(await patch(columns(null))).toMatchObject({
      status: 403,
      message:
        '/columns/email/classifications/pii/email: it would protect less than before; no grant allows you to declassify',
    });
    expect(await patch(columns({ state: 'confirmed', level: 1 }))).toMatchObject({ status: 403 });
    await world.scan(orders('confirmed'));
    expect(await patch(columns({ state: 'rejected' }))).toMatchObject({
      status: 403,
      message: expect.stringContaining('a source confirms it'),
    });
    expect(await patch(columns({ state: 'rejected' }), { role: 'chief' })).toMatchObject({ status: 200 });
    expect(await tagsNow()).toEqual([]);
  });

  it('have a result each, and those that are good are done', async () => {
    const seen = await etagOf();
    const decisions = [
      { urn, column: 'email', tag: 'pii/email', decision: 'approve', ifMatch: seen },
      { urn, column: 'id', tag: 'pii/email', decision: 'reject', ifMatch: seen },
      { urn: 'urn:gov:nothing', tag: 'pii/email', decision: 'reject' },
      { urn, column: 'email', tag: 'pii/email', decision: 'reject', ifMatch: '"old"' },
    ];
    const answer = await world.call('POST', '/v1/suggestions:decide', { body: { decisions } });
    expect(answer.body['results']).toMatchObject([
      { urn, column: 'email', tag: 'pii/email', result: 'done', event: expect.any(String) },
      { result: 'refused', error: { code: 'not-found' } },
      { result: 'refused', error: { code: 'not-found' } },
      { result: 'refused', error: { code: 'precondition-failed' } },
    ]);
    expect(await decide('approve')).toMatchObject({ result: 'refused', error: { code: 'not-found' } });
    expect(await decide('approve', { role: 'viewer' })).toMatchObject({ error: { code: 'not-found' } });
  });
});

describe('S6 a request with a key', () => {
  it('is done once, also when the process has ended in between', async () => {
    const headers = { 'idempotency-key': 'k1', 'if-match': await etagOf() };
    const first = await patch({ description: 'by hand' }, { headers });
    await patch({ description: 'later' }, { sub: 'eve' });
    await world.restart(() => embeddedStorage(world.folder));
    const again = await patch({ description: 'by hand' }, { headers });
    expect(again).toMatchObject({
      status: 200,
      headers: { 'idempotency-replayed': 'true' },
      body: { asset: { description: 'later' }, changes: [], event: null },
    });
    expect(first.body['event']).not.toBeNull();
    expect(await patch({ description: 'other' }, { headers: { 'idempotency-key': 'k1' } })).toMatchObject({
      status: 422,
      code: 'idempotency-mismatch',
    });
    const other = await patch({ description: 'of eve' }, { headers: { 'idempotency-key': 'k1' }, sub: 'eve' });
    expect(other.body['asset']).toMatchObject({ description: 'of eve' });
  });

  it('is done once when it comes several times at once', async () => {
    const headers = { 'idempotency-key': 'k2' };
    const answers = await Promise.all([1, 2, 3].map(() => patch({ properties: { n: 1 } }, { headers })));
    expect(answers.filter(({ body }) => body['event'] !== null)).toHaveLength(1);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('that altered nothing is remembered, too', async () => {
    const headers = { 'idempotency-key': 'k3' };
    await patch({ description: 'from the source' }, { headers });
    await patch({ description: 'later' });
    await patch({ description: 'from the source' }, { headers });
    expect((await read()).body).toMatchObject({ description: 'later' });
  });

  it('creates one asset', async () => {
    const body = { name: 'report', type: 'dashboard', description: 'of the week' };
    const create = () => world.call('POST', '/v1/assets', { body, headers: { 'idempotency-key': 'k4' } });
    const [one, other] = [await create(), await create()];
    expect([one.status, other.status]).toEqual([201, 200]);
    expect(other.headers['location']).toBe(one.headers['location']);
  });

  it('decides once', async () => {
    const decisions = [{ urn, column: 'email', tag: 'pii/email', decision: 'approve' }];
    const options = { body: { decisions }, headers: { 'idempotency-key': 'k5' } };
    const results = [1, 2].map(async () => (await world.call('POST', '/v1/suggestions:decide', options)).body);
    expect(await results[0]).toMatchObject({ results: [{ result: 'done' }] });
    expect(await results[1]).toMatchObject({ results: [{ result: 'repeated' }] });
  });
});

describe('assets that people create', () => {
  const body = {
    ...{ name: 'report', type: 'dashboard', description: 'of the week', owners: { ada: {} }, domain: 'retail' },
    columns: { total: { type: 'int', description: 'sum', classifications: { 'pii/iban': {} } }, day: {} },
  };

  async function create(options: CallOptions = {}): Promise<HttpAnswer & { readonly at: string }> {
    const answer = await world.call('POST', '/v1/assets', { body, ...options });
    return { ...answer, at: answer.headers['location'] ?? '' };
  }

  it('are in the namespace of the hub, and people say everything of them', async () => {
    const { status, at, body: created } = await create();
    expect([status, decodeURIComponent(at)]).toEqual([201, expect.stringMatching(/^\/v1\/assets\/urn:gov:hub:/)]);
    expect(created['asset']).toMatchObject({
      ...{ name: 'report', type: 'dashboard', description: 'of the week', owners: [{ id: 'ada' }] },
      columns: [
        { name: 'total', type: 'int', description: 'sum', classifications: [{ scheme: 'pii', state: 'confirmed' }] },
        { name: 'day' },
      ],
    });
    const renamed = await world.call('PATCH', at, {
      body: { name: 'weekly', columns: { day: null, month: { type: 'text' } } },
    });
    expect(renamed.body['asset']).toMatchObject({
      name: 'weekly',
      columns: [{ name: 'total' }, { name: 'month', type: 'text' }],
    });
  });

  it('are replaced as a whole, and need to have been seen', async () => {
    const { at, headers } = await create();
    expect(await world.call('PUT', at, { body })).toMatchObject({ status: 428, code: 'precondition-required' });
    const put = { name: 'report', type: 'report', columns: { total: { classifications: { 'pii/iban': {} } } } };
    const replaced = await world.call('PUT', at, { body: put, headers: { 'if-match': headers['etag'] ?? '' } });
    expect(replaced.body['asset']).toMatchObject({ type: 'report', owners: [], columns: [{ name: 'total' }] });
    expect(replaced.body['asset']).not.toHaveProperty('description');
    const stale = await world.call('PUT', at, { body: put, headers: { 'if-match': headers['etag'] ?? '' } });
    expect(stale.status).toBe(412);
  });

  it('S3 lose no protecting column by a replacement without the right', async () => {
    const { at } = await create();
    const without = { name: 'report', type: 'report', columns: { day: {} } };
    const put = (role: string) => world.call('PUT', at, { body: without, headers: { 'if-match': '*' }, role });
    expect(await put('steward')).toMatchObject({ status: 403, message: expect.stringContaining('declassify') });
    expect(await put('chief')).toMatchObject({ status: 200 });
  });

  it('are deleted by people, those of sources are not', async () => {
    const { at } = await create();
    expect(await world.call('DELETE', at)).toMatchObject({ status: 428 });
    expect(await world.call('DELETE', at, { headers: { 'if-match': '"x"' } })).toMatchObject({ status: 412 });
    expect(await world.call('DELETE', at, { headers: { 'if-match': '*' } })).toMatchObject({ status: 204 });
    expect(await world.call('GET', at)).toMatchObject({ status: 404 });
    expect(await world.call('DELETE', path, { headers: { 'if-match': '*' } })).toMatchObject({
      status: 403,
      message: expect.stringContaining('its source says that it exists'),
    });
  });

  it('are created by whoever may write all that the request says', async () => {
    for (const role of ['reader', 'documentalist', 'writer', 'nobody'])
      expect(await create({ role })).toMatchObject({ status: 403 });
    expect(await create({ role: 'retail', body: { ...body, domain: 'risk' } })).toMatchObject({ status: 403 });
    expect(await create({ role: 'retail' })).toMatchObject({ status: 201 });
    expect(await create({ body: { name: 'x' } })).toMatchObject({ status: 400, message: '/type: is missing' });
  });
});

describe('PUT of an asset of a source', () => {
  it('replaces what people say and leaves what the source says', async () => {
    await patch({ description: 'by hand', owners: { ada: {} }, properties: { a: 1 } });
    const ifMatch = { 'if-match': await etagOf() };
    const replaced = await world.call('PUT', path, { body: { owners: { ada: {} } }, headers: ifMatch });
    expect(replaced.body['asset']).toMatchObject({
      description: 'from the source',
      owners: [{ id: 'bob' }, { id: 'ada' }],
      properties: [],
    });
    const body = { name: 'x' };
    expect(await world.call('PUT', path, { body, headers: { 'if-match': '*' } })).toMatchObject({ status: 403 });
  });

  it('needs a grant for all that it takes away', async () => {
    await patch({ domain: 'risk' });
    const put = { body: { description: 'a' }, headers: { 'if-match': '*' }, role: 'documentalist' };
    expect(await world.call('PUT', path, put)).toMatchObject({
      status: 403,
      message: expect.stringContaining('/domain'),
    });
  });
});

describe('parts of an asset', () => {
  it('history: events as the wire has them, newest first, under the rights of today', async () => {
    for (const description of ['a', 'b', 'c']) await patch({ description });
    const get = async (query = '', role = 'steward') =>
      (await world.call('GET', `${path}/history${query}`, { role })) as unknown as {
        readonly status: number;
        readonly body: {
          readonly events: { readonly id: string; readonly changes?: object }[];
          readonly next?: string;
        };
      };
    const { body } = await get('?limit=2');
    expect(body.events).toMatchObject([
      { kind: 'update', actor: 'ada', changes: { '/description': { old: 'b', new: 'c' } } },
      { kind: 'update', changes: { '/description': { old: 'a', new: 'b' } } },
    ]);
    const rest = (await get(`?limit=2&before=${body.next}`)).body;
    expect(rest.events).toMatchObject([{ changes: { '/description': { new: 'a' } } }, { kind: 'enter' }]);
    expect(rest.next).toBeUndefined();
    expect((await get('', 'viewer')).status).toBe(404);
    expect((await get('?before=nix')).status).toBe(400);
    expect(JSON.stringify([body, rest])).not.toMatch(/"version"|offset|warehouse\|/);
  });

  it('columns: page by page, by their keys', async () => {
    const { columns } = (await read()).body as { columns: { key: string }[] };
    const first = await world.call('GET', `${path}/columns?limit=1`);
    expect(first.body).toEqual({ columns: [columns[0]], etag: await etagOf(), next: columns[0]?.key });
    const second = await world.call('GET', `${path}/columns?limit=1&after=${columns[0]?.key}`);
    expect(second.body).toEqual({ columns: [columns[1]], etag: await etagOf() });
    expect(await world.call('GET', `${path}/columns?after=nix`)).toMatchObject({ status: 400 });
  });

  it('me: what the caller may do somewhere', async () => {
    const me = async (role: string): Promise<unknown> => (await world.call('GET', '/v1/me', { role })).body;
    expect(await me('documentalist')).toEqual({
      tenant: 'acme',
      sub: 'ada',
      roles: ['documentalist'],
      capabilities: {
        read: true,
        write: ['description', 'owners', 'columns.description'],
        declassify: false,
        administer: false,
        operate: false,
      },
    });
    expect(await me('nobody')).toMatchObject({ capabilities: { read: false, write: [] } });
  });
});

describe('the list of assets', () => {
  beforeEach(async () => {
    for (const [index, name] of ['c', 'a', 'b', 'a'].entries()) {
      const domain = index % 2 === 0 ? 'retail' : 'risk';
      await world.scan({ type: 'view', name, domain }, `urn:gov:warehouse:v${index}`);
    }
  });

  interface List {
    readonly assets: readonly { readonly asset: Readonly<Record<string, unknown>>; readonly etag: string }[];
    readonly next?: string;
  }
  const list = async (query: string, options: CallOptions = {}): Promise<List> =>
    (await world.call('GET', `/v1/assets?${query}`, options)).body as unknown as List;

  /** All pages of two. */
  async function all(query: string, options: CallOptions = {}): Promise<readonly string[]> {
    const found: string[] = [];
    let next: string | undefined;
    do {
      const page = await list(`limit=2&${query}${next === undefined ? '' : `&after=${next}`}`, options);
      expect(page.assets.length).toBeLessThanOrEqual(2);
      found.push(...page.assets.map(({ asset }) => String(asset['urn']).replace(/^.*:/, '')));
      ({ next } = page);
    } while (next !== undefined);
    return found;
  }

  it.each([
    ['', ['orders', 'v0', 'v1', 'v2', 'v3']],
    ['sort=-urn', ['v3', 'v2', 'v1', 'v0', 'orders']],
    ['sort=name', ['v1', 'v3', 'v2', 'v0', 'orders']],
    ['sort=-name', ['orders', 'v0', 'v2', 'v1', 'v3']],
    ['sort=updatedAt', ['orders', 'v0', 'v1', 'v2', 'v3']],
    [`filter=${encodeURIComponent('{"domain":"retail"}')}&sort=name`, ['v2', 'v0', 'orders']],
  ])('has each once, page by page: %s', async (query, expected) => {
    expect(await all(query)).toEqual(expected);
  });

  it('shows what may be read, the named members, and the tag of the whole', async () => {
    expect(await all('', { role: 'viewer' })).toEqual(['v0', 'v1', 'v2', 'v3']);
    const { assets } = await list('fields=name,owners&limit=1');
    expect(assets).toEqual([
      { asset: { name: 'orders', owners: [{ id: 'bob', type: 'user' }] }, etag: await etagOf() },
    ]);
  });

  it.each([
    ['sort=size', 'sort: must be one of urn, name, updatedAt'],
    ['fields=name,secret', 'fields: "secret" is unknown; known are aliases, '],
    ['after=nix', 'after: must be the `next`'],
    ['filter={}&limit=0', 'limit: must be'],
  ])('names what is wrong: %s', async (query, message) => {
    expect(await world.call('GET', `/v1/assets?${query}`)).toMatchObject({
      status: 400,
      message: expect.stringContaining(message),
    });
  });
});
