import type { Collection } from 'mongodb';
import { isDuplicateKey } from './from-mongo-error.ts';
import type { StoredClaim } from './journal-collections.ts';

const claimId = 'writer';

/** Who may write, by the clock of the server: those of the nodes may differ. */
export class MongoJournalClaim {
  readonly #collection: Collection<StoredClaim>;

  constructor(collection: Collection<StoredClaim>) {
    this.#collection = collection;
  }

  async take(holder: string, ttlMs: number): Promise<boolean> {
    try {
      return await this.#takeIfFree(holder, ttlMs);
    } catch (error) {
      // two made the first claim at once
      if (isDuplicateKey(error)) return this.#takeIfFree(holder, ttlMs);
      throw error;
    }
  }

  async release(holder: string): Promise<void> {
    await this.#collection.deleteOne({ _id: claimId, holder });
  }

  async holder(): Promise<string | undefined> {
    const [held] = await this.#collection
      .aggregate<{ readonly holder: string }>([
        { $match: { _id: claimId, $expr: { $gt: ['$until', '$$NOW'] } } },
        { $project: { holder: 1 } },
      ])
      .toArray();
    return held?.holder;
  }

  async #takeIfFree(holder: string, ttlMs: number): Promise<boolean> {
    const own = { $literal: holder };
    const free = { $or: [{ $eq: ['$holder', own] }, { $lte: [{ $ifNull: ['$until', new Date(0)] }, '$$NOW'] }] };
    const step = {
      $set: {
        holder: { $cond: [free, own, '$holder'] },
        until: { $cond: [free, { $add: ['$$NOW', ttlMs] }, '$until'] },
      },
    };
    const held = await this.#collection.findOneAndUpdate({ _id: claimId }, [step], {
      upsert: true,
      returnDocument: 'after',
    });
    return held?.holder === holder;
  }
}
