import { type AnyBulkWriteOperation, MongoBulkWriteError } from 'mongodb';
import type { Erasure } from '../../channels/catalog/erasure.ts';
import type { JournalBatch } from '../../channels/ports/event-journal.ts';
import {
  coverageId,
  entityHash,
  epochOfCoverage,
  erasedText,
  type JournalCollections,
  type StoredCoverage,
  type StoredEvent,
  toStoredEvent,
} from './journal-collections.ts';

const duplicateKey = 11_000;

/** Nothing but rows that are there already, and all others durable. */
function isOnlyDuplicates(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError() !== undefined) return false;
  const faults = [error.writeErrors].flat();
  return faults.length > 0 && faults.every(({ code }) => code === duplicateKey);
}

async function insertRows({ events }: JournalCollections, rows: readonly StoredEvent[]): Promise<void> {
  if (rows.length === 0) return;
  try {
    await events.insertMany([...rows], { ordered: false });
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
  }
}

/** The rule of `coverageAfter`, decided by the server on what it has, so that no two writers can lose a step. */
function coverageStep({ epoch, partition, from, to }: JournalBatch): AnyBulkWriteOperation<StoredCoverage> {
  const replaces = { $gt: [from, { $ifNull: ['$high', -1] }] };
  return {
    updateOne: {
      filter: { _id: coverageId(epoch, partition) },
      update: [
        {
          $set: {
            partition,
            low: { $cond: [replaces, from, '$low'] },
            high: { $cond: [replaces, to, { $max: ['$high', to] }] },
          },
        },
      ],
      upsert: true,
    },
  };
}

/**
 * Rows first, then what they cover: a process that dies between has promised nothing. Both by a majority; the second
 * comes later in the oplog, so no reader that sees it can miss a row.
 */
export async function writeToMongo(collections: JournalCollections, batches: readonly JournalBatch[]): Promise<void> {
  if (batches.length === 0) return;
  const rows = batches.flatMap(({ epoch, records }) => records.map((record) => toStoredEvent(epoch, record)));
  await insertRows(collections, rows);
  await collections.coverage.bulkWrite(batches.map(coverageStep), { ordered: true });
}

/** The rows stay, without content and index terms: so they are not written again. */
export async function eraseFromMongo(
  { events, coverage }: JournalCollections,
  erasures: readonly Erasure[],
): Promise<void> {
  if (erasures.length === 0) return;
  const ids = await coverage.distinct('_id');
  const epochs = [...new Set(ids.map(epochOfCoverage))];
  if (epochs.length === 0) return;
  await events.bulkWrite(
    erasures.flatMap(({ tenant, urn, beforeVersion }) =>
      epochs.map((epoch) => ({
        updateMany: {
          filter: { entity: entityHash(epoch, tenant, urn), version: { $lt: beforeVersion } },
          update: { $set: { text: erasedText, terms: [] } },
        },
      })),
    ),
    { ordered: false },
  );
}
