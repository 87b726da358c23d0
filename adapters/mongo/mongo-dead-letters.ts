import type { Collection, Filter as MongoFilter } from 'mongodb';
import type { CatalogStore, DeadLetter } from '../../channels/ports/catalog-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { StoredDeadLetter } from './catalog-collections.ts';

export type DeadLetterQuery = Parameters<CatalogStore['deadLetters']>[0];

function fromStored({ _id, ...letter }: StoredDeadLetter): DeadLetter {
  return { ...letter, headers: JSON.parse(letter.headers) as DeadLetter['headers'] };
}

/** Reading and removing dead letters; they are written by the commit that sets them aside. */
export class MongoDeadLetters {
  readonly #collection: Collection<StoredDeadLetter>;

  constructor(collection: Collection<StoredDeadLetter>) {
    this.#collection = collection;
  }

  /** Newest first. @throws not-found when `after` is gone */
  async page({ tenant, connector, limit, after }: DeadLetterQuery): Promise<readonly DeadLetter[]> {
    // To MongoDB a limit of 0 is no limit.
    if (limit <= 0) return [];
    const query = {
      tenant,
      ...(connector === undefined ? {} : { connector }),
      ...(after === undefined ? {} : await this.#olderThan(tenant, after)),
    };
    const stored = await this.#collection.find(query, { sort: { at: -1, id: -1 }, limit }).toArray();
    return stored.map(fromStored);
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

  async #olderThan(tenant: string, id: string): Promise<MongoFilter<StoredDeadLetter>> {
    const last = await this.#collection.findOne({ _id: `${tenant}|${id}` });
    if (last === null) throw new HubError('not-found', `after: dead letter ${id} is gone; start with the first page`);
    return { $or: [{ at: { $lt: last.at } }, { at: last.at, id: { $lt: id } }] };
  }
}
