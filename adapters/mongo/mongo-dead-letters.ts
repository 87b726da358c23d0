import { withoutForm } from '../../channels/forms/form-of.ts';
import type { Collection, Filter as MongoFilter } from 'mongodb';
import { readOrReport } from '../../channels/forms/read-or-report.ts';
import type { OnDamaged } from '../../channels/ports/damaged-record.ts';
import {
  type DeadLetter,
  type DeadLetterLimits,
  type DeadLetterQuery,
  type DeadLetterSummary,
  type DeadLetterUsage,
  isDeadLetterSummary,
} from '../../channels/ports/dead-letter-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { StoredDeadLetter } from './catalog-collections.ts';

function fromStored({ _id, ...letter }: StoredDeadLetter): DeadLetter {
  return { ...withoutForm('deadLetter', letter), headers: JSON.parse(letter.headers) as DeadLetter['headers'] };
}

type StoredSummary = Omit<StoredDeadLetter, 'bytes' | 'headers'>;

/** Reading and removing dead letters; they are written by the commit that sets them aside. */
export class MongoDeadLetters {
  readonly #collection: Collection<StoredDeadLetter>;
  readonly #onDamaged: OnDamaged;

  constructor(collection: Collection<StoredDeadLetter>, onDamaged: OnDamaged = () => undefined) {
    this.#collection = collection;
    this.#onDamaged = onDamaged;
  }

  /** Newest first. @throws not-found when `after` is gone */
  async page({ tenant, connector, limit, after }: DeadLetterQuery): Promise<readonly DeadLetterSummary[]> {
    // To MongoDB a limit of 0 is no limit.
    if (limit <= 0) return [];
    const query = {
      tenant,
      ...(connector === undefined ? {} : { connector }),
      ...(after === undefined ? {} : await this.#olderThan(tenant, after)),
    };
    const projection = { bytes: 0, headers: 0 };
    const rows = this.#collection.find<StoredSummary>(query, { sort: { at: -1, id: -1 }, projection });
    const page: DeadLetterSummary[] = [];
    try {
      for await (const row of rows) {
        const letter = this.#summaryOf(row);
        if (letter !== undefined) page.push(letter);
        if (page.length >= limit) break;
      }
    } finally {
      await rows.close();
    }
    return page;
  }

  #summaryOf({ _id: key, ...row }: StoredSummary): DeadLetterSummary | undefined {
    const read = (): DeadLetterSummary | undefined => {
      const letter = withoutForm('deadLetter', row);
      return isDeadLetterSummary(letter) ? letter : undefined;
    };
    return readOrReport({ kind: 'dead-letter', id: key }, read, this.#onDamaged);
  }

  async get(tenant: string, id: string): Promise<DeadLetter | undefined> {
    const stored = await this.#collection.findOne({ _id: `${tenant}|${id}` });
    return stored === null ? undefined : fromStored(stored);
  }

  /** From the collection's metadata: asked for by every scrape of the metrics. */
  count(): Promise<number> {
    return this.#collection.estimatedDocumentCount();
  }

  async remove(tenant: string, id: string): Promise<void> {
    await this.#collection.deleteOne({ _id: `${tenant}|${id}` });
  }

  async trim({ beforeIso, maxCount, maxBytes }: DeadLetterLimits): Promise<readonly DeadLetterUsage[]> {
    const usages: DeadLetterUsage[] = [];
    for (const { tenant, connector } of await this.#owners()) {
      const owned = { tenant, connector };
      const { deletedCount: expired } = await this.#collection.deleteMany({ ...owned, at: { $lt: beforeIso } });
      const held = await this.#displace(owned, { maxCount, maxBytes });
      usages.push({ ...owned, ...held, expired });
    }
    return usages;
  }

  async #owners(): Promise<readonly { readonly tenant: string; readonly connector: string }[]> {
    const stages = [
      { $sort: { tenant: 1, connector: 1 } },
      { $group: { _id: { tenant: '$tenant', connector: '$connector' } } },
    ];
    const groups = await this.#collection
      .aggregate<{ readonly _id: { readonly tenant: string; readonly connector: string } }>(stages)
      .toArray();
    return groups.map(({ _id }) => _id);
  }

  /** Newest first until the quota is full; by the index, without a look at the letters. */
  async #displace(
    owned: { readonly tenant: string; readonly connector: string },
    { maxCount, maxBytes }: Pick<DeadLetterLimits, 'maxCount' | 'maxBytes'>,
  ): Promise<Pick<DeadLetterUsage, 'count' | 'bytes' | 'displaced'>> {
    const projection = { _id: 0, tenant: 1, connector: 1, at: 1, id: 1, size: 1 };
    const held = { count: 0, bytes: 0 };
    const letters = this.#collection.find(owned, { sort: { at: -1, id: -1 }, projection });
    for await (const { at, id, size: said } of letters) {
      // a damaged one counts, and no more
      const size = typeof said === 'number' ? said : 0;
      if (held.count + 1 > maxCount || held.bytes + size > maxBytes) {
        const beyond = { ...owned, $or: [{ at: { $lt: at } }, { at, id: { $lte: id } }] };
        const { deletedCount } = await this.#collection.deleteMany(beyond);
        return { ...held, displaced: deletedCount };
      }
      held.count += 1;
      held.bytes += size;
    }
    return { ...held, displaced: 0 };
  }

  async #olderThan(tenant: string, id: string): Promise<MongoFilter<StoredDeadLetter>> {
    const last = await this.#collection.findOne({ _id: `${tenant}|${id}` });
    if (last === null) throw new HubError('not-found', `after: dead letter ${id} is gone; start with the first page`);
    return { $or: [{ at: { $lt: last.at } }, { at: last.at, id: { $lt: id } }] };
  }
}
