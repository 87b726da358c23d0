import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AssetWorld } from '../../test/harness/asset-world.ts';
import type { AssetPatch, ClassificationChange } from '../../channels/catalog/change.ts';
import type { Grant } from '../../channels/policy/policy.ts';

const roles: Readonly<Record<string, readonly Grant[]>> = {
  steward: [{ allow: 'read' }, { allow: 'write' }],
  chief: [{ allow: 'read' }, { allow: 'write' }, { allow: 'declassify' }],
  viewer: [{ allow: 'read' }, { deny: 'read', where: { tags: { $startsWith: 'pii/' } } }],
  retail: [
    { allow: 'read' },
    { allow: 'write', where: { domain: 'retail' } },
    { deny: 'write', fields: ['status'], where: { status: 'active' } },
  ],
  writer: [{ allow: 'write' }],
  documentalist: [{ allow: 'read' }, { allow: 'write', fields: ['description', 'columns.description'] }],
};
const path = `/v1/assets/${encodeURIComponent('urn:gov:warehouse:orders')}`;

const suggested: ClassificationChange = {
  mode: 'state',
  list: [{ scheme: 'pii', name: 'email', origin: 'automated', state: 'suggested', level: 3 }],
};
const orders: AssetPatch = {
  type: 'table',
  name: 'orders',
  description: 'from the source',
  domain: 'retail',
  owners: { mode: 'state', list: [{ id: 'bob', type: 'user' }] },
  columns: { mode: 'state', list: [{ name: 'id' }, { name: 'email', classifications: suggested }] },
};

let world: Awaited<ReturnType<typeof AssetWorld.embedded>>;
beforeEach(async () => {
  world = await AssetWorld.embedded(roles);
  await world.scan(orders);
});
afterEach(async () => world[Symbol.asyncDispose]());

const etag = async (role = 'steward'): Promise<string> =>
  (await world.call('GET', path, { role })).headers['etag'] ?? '';

describe('PATCH of an asset', () => {
  it('S1 people say something over the source, and see both', async () => {
    const body = { description: 'by hand', owners: { ada: {}, bob: null }, properties: { tier: 'gold' } };
    const patched = await world.call('PATCH', path, { body });
    expect(patched).toMatchObject({
      status: 200,
      body: {
        asset: { description: 'by hand', owners: [{ id: 'ada', type: 'user' }] },
        event: expect.stringMatching(/^[\w-]{22}$/),
      },
    });
    expect(patched.body['changes']).toContainEqual({
      op: 'replace',
      path: '/description',
      old: 'from the source',
      new: 'by hand',
    });
    await world.scan({ ...orders, description: 'newer' });
    const { body: asset, headers } = await world.call('GET', path);
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
    const answer = await world.call('PATCH', path, { body: { description: 'from the source' } });
    expect(answer).toMatchObject({ status: 200, body: { changes: [], event: null } });
  });

  it('S4 is refused where the caller sees another state, and where he names a tag of another class', async () => {
    const [mine, other] = [await etag(), await etag('chief')];
    expect(mine).toMatch(/^"[\w-]{22}"$/);
    const body = { description: 'a' };
    await world.call('PATCH', path, { body: { description: 'b' } });
    for (const ifMatch of [mine, 'W/x', '"x"']) {
      const refused = await world.call('PATCH', path, { body, headers: { 'if-match': ifMatch } });
      expect(refused).toMatchObject({ status: 412, code: 'precondition-failed' });
    }
    const now = await etag();
    expect(mine === other).toBe(true);
    expect(await world.call('PATCH', path, { body, headers: { 'if-match': `"x", ${now}` } })).toMatchObject({
      status: 200,
    });
  });
});
