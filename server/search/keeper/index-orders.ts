import { z } from 'zod';
import type { MetaStore } from '../../../channels/ports/meta-store.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';

/** What an operator may want of an index. */
export type IndexOrderKind = 'rebuild' | 'verify';

export interface IndexOrder {
  readonly id: string;
  readonly kind: IndexOrderKind;
}

const orderSchema = z.object({ id: z.string(), kind: z.enum(['rebuild', 'verify']) });
export const reportSchema = z.object({
  ...orderSchema.shape,
  state: z.enum(['running', 'done', 'failed']),
  at: z.string(),
  result: z.record(z.string(), z.union([z.number(), z.string()])).exactOptional(),
});
const storedSchema = z.object({ order: orderSchema.exactOptional(), report: reportSchema.exactOptional() });

/** What became of the last one. */
export type OrderReport = Readonly<z.infer<typeof reportSchema>>;
type Stored = z.infer<typeof storedSchema>;

const key = 'search-index';
const attempts = 5;

/**
 * Orders for the one process that writes the index, whichever it is: stored with the catalog, where the writer looks every few
 * seconds, and says there what it does. There is one at a time; a new one takes the place of one that has not begun.
 */
export class IndexOrders {
  readonly #meta: MetaStore;

  constructor(meta: MetaStore) {
    this.#meta = meta;
  }

  async last(): Promise<Stored> {
    const text = await this.#meta.getMeta(key);
    return text === undefined ? {} : storedSchema.catch({}).parse(JSON.parse(text));
  }

  /** @throws storage-unavailable, conflict */
  async put(order: IndexOrder): Promise<void> {
    await this.#change((stored) => ({ ...stored, order }));
  }

  /** One that nobody has begun. */
  async waiting(): Promise<IndexOrder | undefined> {
    const { order, report } = await this.last();
    return order === undefined || order.id === report?.id ? undefined : order;
  }

  async report(report: OrderReport): Promise<void> {
    await this.#change((stored) => ({ ...stored, report }));
  }

  async #change(changed: (stored: Stored) => Stored): Promise<void> {
    await this.#meta.putMetaIfAbsent(key, '{}');
    for (let attempt = 0; attempt < attempts; attempt++) {
      const text = (await this.#meta.getMeta(key)) ?? '{}';
      const next = JSON.stringify(changed(storedSchema.catch({}).parse(JSON.parse(text))));
      if (await this.#meta.replaceMeta(key, text, next)) return;
    }
    throw new HubError('conflict', 'others give orders for the search index at the same time; retry');
  }
}
