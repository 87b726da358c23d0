import { beforeEach, describe, expect, it } from 'vitest';
import { type CallOptions } from '../../../test/harness/asset-world.ts';
import { ordersWorld } from '../../../test/harness/orders-world.ts';

const shop = ordersWorld();
const { etagOf } = shop;

describe('the list of assets', () => {
  beforeEach(async () => {
    for (const [index, name] of ['c', 'a', 'b', 'a'].entries()) {
      const domain = index % 2 === 0 ? 'retail' : 'risk';
      await shop.world.scan({ type: 'view', name, domain }, `urn:gov:warehouse:v${index}`);
    }
  });

  interface List {
    readonly assets: readonly { readonly asset: Readonly<Record<string, unknown>>; readonly etag: string }[];
    readonly next?: string;
  }
  const list = async (query: string, options: CallOptions = {}): Promise<List> =>
    (await shop.world.call('GET', `/v1/assets?${query}`, options)).body as unknown as List;

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
    expect(await shop.world.call('GET', `/v1/assets?${query}`)).toMatchObject({
      status: 400,
      message: expect.stringContaining(message),
    });
  });
});
