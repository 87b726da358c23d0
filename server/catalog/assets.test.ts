import { describe, expect, it } from 'vitest';
import { orders, ordersPath as path, ordersUrn as urn } from '../../test/harness/asset-fixture.ts';
import { embeddedStorage, type HttpAnswer } from '../../test/harness/asset-world.ts';
import { ordersWorld } from '../../test/harness/orders-world.ts';

const shop = ordersWorld();
const { patch, read, etagOf } = shop;

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
    await shop.world.scan({ ...orders(), description: 'newer' });
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

  it.each<[string, string | Uint8Array, string, string]>([
    [
      'nested without end',
      `{"properties":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
      'invalid-request',
      '64 levels',
    ],
    [
      'objects nested without end',
      `{"properties":{"a":${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}}}`,
      'invalid-request',
      '64 levels',
    ],
    ['half a character', String.raw`{"description":"\ud800"}`, 'invalid-request', 'surrogate pair'],
    ['half a character as a name', String.raw`{"owners":{"\ud800":{}}}`, 'invalid-request', 'surrogate pair'],
    ['a key with NUL', String.raw`{"properties":{"a":{"x\u0000":1}}}`, 'invalid-request', 'NUL character'],
    ['an owner that nobody sees', '{"owners":{" ":{}}}', 'invalid-request', '/owners/ : must have a character'],
    ['a term of two lines', String.raw`{"terms":{"a\nb":{}}}`, 'invalid-request', 'no control characters'],
    ['a tag with a control character', String.raw`{"classifications":{"a/b\u0007":{}}}`, 'invalid-request', 'control'],
    ['a domain that nobody sees', '{"domain":"  "}', 'invalid-request', '/domain: must have a character'],
    ['a number without end', '{"properties":{"n":[1e999]}}', 'invalid-request', 'a number that is too large'],
    ['no UTF-8', Buffer.from('{"description":"\u00e4"}', 'latin1'), 'invalid-json', 'not UTF-8'],
  ])('refuses what would not be kept as it was said: %s', async (_name, raw, code, message) => {
    const answer = await patch(raw);
    expect([answer.code, answer.message]).toEqual([code, expect.stringContaining(message)]);
    expect((await read()).body['curated']).toBeUndefined();
  });

  it('S1 brings a removed owner back as the source has it', async () => {
    const team = { id: 'team', type: 'group', role: 'steward' } as const;
    await shop.world.scan({ ...orders(), owners: { mode: 'state', list: [team] } });
    await patch({ owners: { team: null } });
    const { body } = await patch({ owners: { team: {} } });
    expect(body['asset']).toMatchObject({ owners: [team] });
    expect(body['asset']).not.toHaveProperty('curated');
  });

  it('is bounded in members, and in its media type', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, 1]));
    expect(await patch({ properties: many })).toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('500'),
    });
    const json = { 'content-type': 'application/json' };
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
      shop.world.onCommit = async () => {
        shop.world.onCommit = async () => undefined;
        await work();
      };
    };
    once(() => shop.world.scan({ ...orders(), description: 'newer' }));
    const kept = await patch({ owners: { ada: {} } });
    expect(kept.body['asset']).toMatchObject({ description: 'newer', owners: [{ id: 'bob' }, { id: 'ada' }] });
    const headers = { 'if-match': await etagOf() };
    once(() => shop.world.scan({ ...orders(), description: 'newest' }));
    expect(await patch({ owners: { ada: null } }, { headers })).toMatchObject({ status: 412 });
    once(() => shop.world.scan({ ...orders(), domain: 'risk' }));
    expect(await patch({ description: 'a' }, { role: 'retail' })).toMatchObject({ status: 403 });
    // what only the source knows does not fail anybody's save
    const unmoved = { 'if-match': await etagOf() };
    once(() => shop.world.scan({ ...orders(), domain: 'risk' }));
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
    const missing = await shop.world.call('PATCH', nowhere, { body: { description: 'a' }, role: 'writer' });
    for (const role of ['writer', 'viewer', 'nobody'])
      for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
        const answer = await shop.world.call(method, path, { role, body: {}, headers: { 'if-match': '*' } });
        expect([method, role, answer.status, answer.body]).toEqual([method, role, 404, missing.body]);
      }
    expect(await shop.world.call('GET', path, { tenant: 'globex' })).toMatchObject({ status: 404, body: missing.body });
  });

  it('has an ETag of the policy class, that a change of the rights alone does not move', async () => {
    const [steward, other, own] = [await etagOf(), await etagOf({ role: 'chief' }), await etagOf({ role: 'own' })];
    expect(other).toBe(steward);
    expect(own).not.toBe(steward);
    const known = await read({ headers: { 'if-none-match': `W/${steward}` } });
    expect([known.status, known.body, known.headers['etag']]).toEqual([304, {}, steward]);
    // a late message moves the version, which nobody sees
    expect(await shop.world.scan({ ...orders(), description: 'older' }, urn, 'warehouse', 2)).toBe(1);
    expect(await etagOf()).toBe(steward);
    await shop.world.scan({ ...orders(), description: 'newer' });
    expect(await etagOf()).not.toBe(steward);
  });
});

describe('S6 a request with a key', () => {
  it('is done once, also when the process has ended in between', async () => {
    const headers = { 'idempotency-key': 'k1', 'if-match': await etagOf() };
    const first = await patch({ description: 'by hand' }, { headers });
    await patch({ description: 'later' }, { sub: 'eve' });
    await shop.world.restart(() => embeddedStorage(shop.world.folder));
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
    const create = () => shop.world.call('POST', '/v1/assets', { body, headers: { 'idempotency-key': 'k4' } });
    const [one, other] = [await create(), await create()];
    expect([one.status, other.status]).toEqual([201, 200]);
    expect(other.headers['location']).toBe(one.headers['location']);
  });

  it('decides once', async () => {
    const decisions = [{ urn, column: 'email', tag: 'pii/email', decision: 'approve' }];
    const options = { body: { decisions }, headers: { 'idempotency-key': 'k5' } };
    const results = [1, 2].map(async () => (await shop.world.call('POST', '/v1/suggestions:decide', options)).body);
    expect(await results[0]).toMatchObject({ results: [{ result: 'done' }] });
    expect(await results[1]).toMatchObject({ results: [{ result: 'repeated' }] });
  });
});

describe('parts of an asset', () => {
  it('history: events as the wire has them, newest first, under the rights of today', async () => {
    for (const description of ['a', 'b', 'c']) await patch({ description });
    const get = async (query = '', role = 'steward') =>
      (await shop.world.call('GET', `${path}/history${query}`, { role })) as unknown as {
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
    const first = await shop.world.call('GET', `${path}/columns?limit=1`);
    expect(first.body).toEqual({ columns: [columns[0]], etag: await etagOf(), next: columns[0]?.key });
    const second = await shop.world.call('GET', `${path}/columns?limit=1&after=${columns[0]?.key}`);
    expect(second.body).toEqual({ columns: [columns[1]], etag: await etagOf() });
    expect(await shop.world.call('GET', `${path}/columns?after=nix`)).toMatchObject({ status: 400 });
  });

  it('me: what the caller may do somewhere', async () => {
    const me = async (role: string): Promise<unknown> => (await shop.world.call('GET', '/v1/me', { role })).body;
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
