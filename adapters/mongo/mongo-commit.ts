import { withForm } from '../../channels/forms/form-of.ts';
import { randomUUID } from 'node:crypto';
import type { ClientSession, MongoClient } from 'mongodb';
import type { DeadLetter } from '../../channels/ports/dead-letter-store.ts';
import type { CommitBatch, CommitResult } from '../../channels/ports/document-store.ts';
import type { PartialMessage } from '../../channels/ports/intake-store.ts';
import { type CatalogDocument, documentKey } from '../../channels/catalog/document.ts';
import type { CatalogCollections, StoredDeadLetter, StoredPartial } from './catalog-collections.ts';
import { isDuplicateKey } from './from-mongo-error.ts';
import { type MongoOutbox, OutboxCommit } from './mongo-outbox.ts';
import { inTransaction } from './mongo-transaction.ts';
import { maxStoredBytes, type StoredDocument, toStoredDocument } from './stored-document.ts';
import { insertAll, maxUtf8Bytes, replaceAll, type Sized } from './write-commands.ts';
import { roughBytes, type WrittenDocuments } from './written-documents.ts';

type Conflict = Extract<CommitResult, { ok: false }>['conflict'];

/** Ends the transaction without a trace. */
class CommitRefused extends Error {
  readonly conflict: Conflict;

  constructor(conflict: Conflict) {
    super(conflict);
    this.conflict = conflict;
  }
}

interface CommittedDocument extends Sized<StoredDocument> {
  readonly document: CatalogDocument;
  readonly expectedVersion: number;
  readonly roughBytes: number;
}

/** A batch with its documents as they are to be stored, made once for all attempts of the transaction. */
interface Commit {
  readonly batch: CommitBatch;
  readonly documents: readonly CommittedDocument[];
  readonly outbox: OutboxCommit;
}

/** BSON of a row besides its texts. */
const rowBytes = 100;

export function messageKey(connector: string, id: string): string {
  return `${connector}|${id}`;
}

export function toStoredDeadLetter(letter: DeadLetter): StoredDeadLetter {
  const row = withForm('deadLetter', { ...letter, headers: JSON.stringify(letter.headers) });
  return { _id: `${letter.tenant}|${letter.id}`, ...row };
}

function toStoredPartial(partial: PartialMessage): StoredPartial {
  return { _id: partial.id, ...withForm('partial', { ...partial, parts: JSON.stringify(partial.parts) }) };
}

async function refuseDuplicates(conflict: Conflict, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw isDuplicateKey(error) ? new CommitRefused(conflict) : error;
  }
}

async function writePositions(
  { positions }: CatalogCollections,
  batch: CommitBatch,
  session: ClientSession,
): Promise<void> {
  for (const { expected, ...position } of batch.positions) {
    const { connector, topic, partition } = position;
    const _id = `${connector}|${topic}|${partition}`;
    const row = withForm('position', position);
    if (expected === null) {
      await refuseDuplicates('position', () => positions.insertOne({ _id, ...row }, { session }));
    } else {
      const { matchedCount } = await positions.replaceOne({ _id, next: expected }, row, { session });
      if (matchedCount === 0) throw new CommitRefused('position');
    }
  }
}

async function writeMessages(
  { db, messages }: CatalogCollections,
  batch: CommitBatch,
  session: ClientSession,
): Promise<void> {
  const byKey = new Map(
    batch.messageIds.map(({ connector, id, expiresAtMs }) => [messageKey(connector, id), new Date(expiresAtMs)]),
  );
  if (byKey.size === 0) return;
  const rows = [...byKey].map(([_id, expiresAt]) => ({
    value: { _id, expiresAt },
    maxBytes: maxUtf8Bytes(_id) + rowBytes,
  }));
  await refuseDuplicates('message', () => insertAll(db, messages.collectionName, rows, session));
}

/**
 * A filter on `_id` and `version` costs the server a query plan for each document; on `_id` alone it does not. So the
 * versions are read first, all at once. The snapshot makes it the same guard: a document that another transaction
 * changes after it was read is a write conflict, and the retry reads the new version.
 */
async function assertVersions(
  { documents }: CatalogCollections,
  batch: CommitBatch,
  session: ClientSession,
): Promise<void> {
  const expected = new Map(
    batch.documents
      .filter(({ expectedVersion }) => expectedVersion > 0)
      .map(({ document, expectedVersion }) => [documentKey(document.tenant, document.urn), expectedVersion]),
  );
  if (expected.size === 0) return;
  const held = await documents
    .find({ _id: { $in: [...expected.keys()] } }, { session, projection: { version: 1 } })
    .toArray();
  if (held.length !== expected.size || held.some(({ _id, version }) => expected.get(_id) !== version))
    throw new CommitRefused('version');
}

async function writeDocuments(
  collections: CatalogCollections,
  { batch, documents }: Commit,
  session: ClientSession,
): Promise<void> {
  if (documents.length === 0) return;
  await assertVersions(collections, batch, session);
  const { db } = collections;
  const { collectionName } = collections.documents;
  const fresh = documents.filter(({ expectedVersion }) => expectedVersion === 0);
  const changed = documents.filter(({ expectedVersion }) => expectedVersion > 0);
  await refuseDuplicates('version', () => insertAll(db, collectionName, fresh, session));
  await replaceAll(db, collectionName, changed, session);
}

async function writePartial(
  { partials }: CatalogCollections,
  { partial, expectedVersion }: CommitBatch['partials'][number],
  session: ClientSession,
): Promise<void> {
  const stored = toStoredPartial(partial);
  if (expectedVersion === 0) {
    await refuseDuplicates('version', () => partials.insertOne(stored, { session }));
    return;
  }
  const { matchedCount } = await partials.replaceOne({ _id: stored._id, version: expectedVersion }, stored, {
    session,
  });
  if (matchedCount === 0) throw new CommitRefused('version');
}

async function writePartials(
  collections: CatalogCollections,
  batch: CommitBatch,
  session: ClientSession,
): Promise<void> {
  for (const entry of batch.partials) await writePartial(collections, entry, session);
  const { partials } = collections;
  for (const { id, expectedVersion } of batch.completedPartials) {
    if (expectedVersion === 0) {
      if ((await partials.findOne({ _id: id }, { session })) !== null) throw new CommitRefused('version');
      continue;
    }
    const { deletedCount } = await partials.deleteOne({ _id: id, version: expectedVersion }, { session });
    if (deletedCount === 0) throw new CommitRefused('version');
  }
}

async function writeDeadLetters(
  { deadLetters }: CatalogCollections,
  batch: CommitBatch,
  session: ClientSession,
): Promise<void> {
  if (batch.deadLetters.length === 0) return;
  const operations = batch.deadLetters.map((letter) => {
    const stored = toStoredDeadLetter(letter);
    return { replaceOne: { filter: { _id: stored._id }, replacement: stored, upsert: true } };
  });
  await deadLetters.bulkWrite(operations, { session });
}

/** Cheap guards first. One transaction, one operation at a time. */
async function write(collections: CatalogCollections, commit: Commit, session: ClientSession): Promise<void> {
  const { batch } = commit;
  await writePositions(collections, batch, session);
  await writeMessages(collections, batch, session);
  await writeDocuments(collections, commit, session);
  await writePartials(collections, batch, session);
  await commit.outbox.write(collections, session);
  await writeDeadLetters(collections, batch, session);
}

function toCommitted(
  { document, expectedVersion }: CommitBatch['documents'][number],
  stamp: string,
): CommittedDocument {
  const bytes = roughBytes(document);
  const value = toStoredDocument(document, stamp);
  return { document, expectedVersion, roughBytes: bytes, value, maxBytes: maxStoredBytes(bytes) };
}

async function knownOf({ messages }: CatalogCollections, batch: CommitBatch): Promise<readonly string[]> {
  const keys = batch.messageIds.map(({ connector, id }) => messageKey(connector, id));
  const found = new Set((await messages.find({ _id: { $in: keys } }).toArray()).map(({ _id }) => _id));
  return batch.messageIds.filter(({ connector, id }) => found.has(messageKey(connector, id))).map(({ id }) => id);
}

/**
 * One batch, all or nothing, majority-committed when it resolves. Transient errors and write conflicts are retried by
 * the driver, after which the guards of the batch give the true answer.
 */
export async function commitToMongo(
  client: MongoClient,
  collections: CatalogCollections,
  { written, outbox }: { readonly written: WrittenDocuments; readonly outbox: MongoOutbox },
  batch: CommitBatch,
): Promise<CommitResult> {
  const stamp = randomUUID();
  const documents = batch.documents.map((entry) => toCommitted(entry, stamp));
  const events = new OutboxCommit(batch.outbox);
  try {
    await inTransaction(client, (session) => write(collections, { batch, documents, outbox: events }, session));
    outbox.remember(events);
    for (const { document, value, roughBytes: bytes } of documents)
      written.remember(value._id, { stamp, document, bytes });
    return { ok: true };
  } catch (error) {
    if (!(error instanceof CommitRefused)) throw error;
    if (error.conflict !== 'message') return { ok: false, conflict: error.conflict };
    const ids = await knownOf(collections, batch);
    // Nothing is known: it has expired in between, or its commit has not reached the majority yet.
    return ids.length === 0
      ? commitToMongo(client, collections, { written, outbox }, batch)
      : { ok: false, conflict: 'message', ids };
  }
}
