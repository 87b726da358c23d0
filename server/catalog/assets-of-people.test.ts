import { describe, expect, it } from 'vitest';
import { ordersPath as path } from '../../test/harness/asset-fixture.ts';
import { type CallOptions, type HttpAnswer } from '../../test/harness/asset-world.ts';
import { ordersWorld } from '../../test/harness/orders-world.ts';

const shop = ordersWorld();
const { patch, etagOf } = shop;

describe('assets that people create', () => {
  const body = {
    ...{ name: 'report', type: 'dashboard', description: 'of the week', owners: { ada: {} }, domain: 'retail' },
    columns: { total: { type: 'int', description: 'sum', classifications: { 'pii/iban': {} } }, day: {} },
  };

  async function create(options: CallOptions = {}): Promise<HttpAnswer & { readonly at: string }> {
    const answer = await shop.world.call('POST', '/v1/assets', { body, ...options });
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
    const renamed = await shop.world.call('PATCH', at, {
      body: { name: 'weekly', columns: { day: null, month: { type: 'text' } } },
    });
    expect(renamed.body['asset']).toMatchObject({
      name: 'weekly',
      columns: [{ name: 'total' }, { name: 'month', type: 'text' }],
    });
  });

  it('are replaced as a whole, and need to have been seen', async () => {
    const { at, headers } = await create();
    expect(await shop.world.call('PUT', at, { body })).toMatchObject({ status: 428, code: 'precondition-required' });
    const put = { name: 'report', type: 'report', columns: { total: { classifications: { 'pii/iban': {} } } } };
    const replaced = await shop.world.call('PUT', at, { body: put, headers: { 'if-match': headers['etag'] ?? '' } });
    expect(replaced.body['asset']).toMatchObject({ type: 'report', owners: [], columns: [{ name: 'total' }] });
    expect(replaced.body['asset']).not.toHaveProperty('description');
    const stale = await shop.world.call('PUT', at, { body: put, headers: { 'if-match': headers['etag'] ?? '' } });
    expect(stale.status).toBe(412);
  });

  it('S3 lose no protecting column by a replacement without the right', async () => {
    const { at } = await create();
    const without = { name: 'report', type: 'report', columns: { day: {} } };
    const put = (role: string) => shop.world.call('PUT', at, { body: without, headers: { 'if-match': '*' }, role });
    expect(await put('steward')).toMatchObject({ status: 403, message: expect.stringContaining('declassify') });
    expect(await put('chief')).toMatchObject({ status: 200 });
  });

  it('are deleted by people, those of sources are not', async () => {
    const { at } = await create();
    expect(await shop.world.call('DELETE', at)).toMatchObject({ status: 428 });
    expect(await shop.world.call('DELETE', at, { headers: { 'if-match': '"x"' } })).toMatchObject({ status: 412 });
    expect(await shop.world.call('DELETE', at, { headers: { 'if-match': '*' } })).toMatchObject({ status: 204 });
    expect(await shop.world.call('GET', at)).toMatchObject({ status: 404 });
    expect(await shop.world.call('DELETE', path, { headers: { 'if-match': '*' } })).toMatchObject({
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
    const replaced = await shop.world.call('PUT', path, { body: { owners: { ada: {} } }, headers: ifMatch });
    expect(replaced.body['asset']).toMatchObject({
      description: 'from the source',
      owners: [{ id: 'bob' }, { id: 'ada' }],
      properties: [],
    });
    const body = { name: 'x' };
    expect(await shop.world.call('PUT', path, { body, headers: { 'if-match': '*' } })).toMatchObject({ status: 403 });
  });

  it('needs a grant for all that it takes away', async () => {
    await patch({ domain: 'risk' });
    const put = { body: { description: 'a' }, headers: { 'if-match': '*' }, role: 'documentalist' };
    expect(await shop.world.call('PUT', path, put)).toMatchObject({
      status: 403,
      message: expect.stringContaining('/domain'),
    });
  });
});
