import type { MongoClient } from 'mongodb';
import type { Erasure } from '../../channels/catalog/erasure.ts';
import type {
  Coverage,
  EventJournal,
  JournalBatch,
  JournalQuery,
  JournalRecord,
  JournalStatus,
} from '../../channels/ports/event-journal.ts';
import type { Lease, Leases } from '../../channels/ports/lease.ts';
import { translated } from './from-mongo-error.ts';
import {
  ensureJournalIndexes,
  type JournalCollections,
  journalCollections,
  type StoredCoverage,
  type StoredEvent,
} from './journal-collections.ts';
import { mongoClient, type MongoConnectionOptions } from './mongo-connection.ts';
import { MongoLease } from './mongo-leases.ts';
import { latestFromMongo, oldestOf, readFromMongo } from './mongo-journal-read.ts';
import { eraseFromMongo, writeToMongo } from './mongo-journal-write.ts';

class MongoEventJournal implements EventJournal, Leases {
  readonly isLog = false;
  readonly #client: MongoClient;
  readonly #collections: JournalCollections;

  constructor(client: MongoClient, collections: JournalCollections) {
    this.#client = client;
    this.#collections = collections;
  }

  write(batches: readonly JournalBatch[]): Promise<void> {
    return translated(() => writeToMongo(this.#collections, batches));
  }

  coverage(epoch: string): Promise<readonly Coverage[]> {
    return translated(() => this.#coverageOf(epoch));
  }

  read(query: JournalQuery): Promise<readonly JournalRecord[]> {
    return translated(() => readFromMongo(this.#collections, query));
  }

  latest(epoch: string, tenant: string, urns: readonly string[]): Promise<readonly JournalRecord[]> {
    return translated(() => latestFromMongo(this.#collections, epoch, tenant, urns));
  }

  retain(beforeMs: number, limit: number): Promise<number> {
    return translated(async () => {
      const all = await this.#collections.coverage.find({}, { sort: { _id: 1 } }).toArray();
      let removed = 0;
      for (const coverage of all) {
        if (removed >= limit) break;
        removed += await this.#removeOld(coverage, beforeMs, limit - removed);
      }
      return removed;
    });
  }

  erase(erasures: readonly Erasure[]): Promise<void> {
    return translated(() => eraseFromMongo(this.#collections, erasures));
  }

  lease(name: string): Lease {
    return new MongoLease(this.#collections.claim, name);
  }

  status(epoch: string): Promise<JournalStatus> {
    return translated(async () => {
      const covered = await this.#coverageOf(epoch);
      const oldest = await Promise.all(covered.map((each) => oldestOf(this.#collections, epoch, each)));
      const times = oldest.filter((atMs) => atMs !== undefined);
      return { oldestAtMs: times.length === 0 ? undefined : Math.min(...times) };
    });
  }

  close(): Promise<void> {
    return translated(() => this.#client.close());
  }

  async #coverageOf(epoch: string): Promise<readonly Coverage[]> {
    const range = { $gt: `${epoch}|`, $lt: `${epoch}}` };
    return this.#collections.coverage
      .find({ _id: range }, { sort: { _id: 1 } })
      .map(({ partition, low, high }) => ({ partition, low, high }))
      .toArray();
  }

  /**
   * From the first row of the partition, so that also what lies below the coverage goes; not beyond the coverage, where
   * a writer has rows that it has not promised yet. The rule that low rises first is kept by waiting for a majority.
   */
  async #removeOld({ _id, high }: StoredCoverage, beforeMs: number, limit: number): Promise<number> {
    const { events, coverage } = this.#collections;
    const range = { $gt: `${_id}|`, $lt: `${_id}|${String(high).padStart(16, '0')}` };
    const firstRows = (count: number): Promise<readonly Pick<StoredEvent, '_id' | 'at' | 'offset'>[]> =>
      events.find({ _id: range }, { sort: { _id: 1 }, limit: count, projection: { at: 1, offset: 1 } }).toArray();
    const [oldest] = await firstRows(1);
    if (oldest === undefined || oldest.at >= beforeMs) return 0;
    const first = await firstRows(limit);
    const young = first.findIndex(({ at }) => at >= beforeMs);
    const last = (young < 0 ? first : first.slice(0, young)).at(-1);
    if (last === undefined) return 0;
    await coverage.updateOne({ _id }, { $max: { low: last.offset + 1 } });
    const { deletedCount } = await events.deleteMany({
      _id: { $gt: `${_id}|`, $lte: last._id },
      at: { $lt: beforeMs },
    });
    return deletedCount;
  }
}

/**
 * The journal and the leases of a deployment. Connects and creates what indexes are missing. @throws config-invalid (bad URL), storage-unavailable
 */
export async function createMongoEventJournal(options: MongoConnectionOptions): Promise<EventJournal & Leases> {
  const client = await translated(async () => mongoClient(options));
  try {
    const collections = journalCollections(client.db(options.database));
    await translated(() => ensureJournalIndexes(collections));
    return new MongoEventJournal(client, collections);
  } catch (error) {
    await client.close();
    throw error;
  }
}
