import { afterEach, beforeEach } from 'vitest';
import { assetRoles, orders, ordersPath } from './asset-fixture.ts';
import { AssetWorld, type CallOptions, type EmbeddedAssetWorld, type HttpAnswer } from './asset-world.ts';

/** The routes of assets on embedded storage, with the table of orders as its source says it. */
export interface OrdersWorld {
  /** Of the test that runs. */
  readonly world: EmbeddedAssetWorld;
  readonly patch: (body: unknown, options?: CallOptions) => Promise<HttpAnswer>;
  readonly read: (options?: CallOptions) => Promise<HttpAnswer>;
  readonly etagOf: (options?: CallOptions) => Promise<string>;
}

/** Made anew for each test of the file in which it is called. */
export function ordersWorld(): OrdersWorld {
  let current: EmbeddedAssetWorld | undefined;
  beforeEach(async () => {
    current = await AssetWorld.embedded(assetRoles);
    await current.scan(orders());
  });
  afterEach(async () => current?.[Symbol.asyncDispose]());
  const found: OrdersWorld = {
    get world() {
      if (current === undefined) throw new Error('it is there in tests only');
      return current;
    },
    patch: (body, options = {}) => found.world.call('PATCH', ordersPath, { ...options, body }),
    read: (options = {}) => found.world.call('GET', ordersPath, options),
    etagOf: async (options) => (await found.read(options)).headers['etag'] ?? '',
  };
  return found;
}
