import type { Collection } from 'mongodb';
import type { Lease } from '../../channels/ports/lease.ts';
import { isDuplicateKey, translated } from './from-mongo-error.ts';
import type { StoredClaim } from './journal-collections.ts';

/** By the clock of the server: those of the nodes may differ. */
export class MongoLease implements Lease {
  readonly #collection: Collection<StoredClaim>;
  readonly #name: string;

  constructor(collection: Collection<StoredClaim>, name: string) {
    this.#collection = collection;
    this.#name = name;
  }

  take(holder: string, ttlMs: number): Promise<boolean> {
    return translated(async () => {
      try {
        return await this.#takeIfFree(holder, ttlMs);
      } catch (error) {
        // two took it for the first time at once
        if (isDuplicateKey(error)) return this.#takeIfFree(holder, ttlMs);
        throw error;
      }
    });
  }

  release(holder: string): Promise<void> {
    return translated(async () => {
      await this.#collection.deleteOne({ _id: this.#name, holder });
    });
  }

  holder(): Promise<string | undefined> {
    return translated(async () => {
      const [held] = await this.#collection
        .aggregate<{ readonly holder: string }>([
          { $match: { _id: this.#name, $expr: { $gt: ['$until', '$$NOW'] } } },
          { $project: { holder: 1 } },
        ])
        .toArray();
      return held?.holder;
    });
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
    const held = await this.#collection.findOneAndUpdate({ _id: this.#name }, [step], {
      upsert: true,
      returnDocument: 'after',
    });
    return held?.holder === holder;
  }
}
