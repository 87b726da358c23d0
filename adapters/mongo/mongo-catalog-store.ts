import { assertDeclared, declaredFormsKey } from '../../channels/forms/declared-forms.ts';
import { withoutForm } from '../../channels/forms/form-of.ts';
import { forms } from '../../channels/forms/forms.ts';
import type { Collection, Filter as MongoFilter, MongoClient } from 'mongodb';
import { type CatalogDocument, documentKey } from '../../channels/catalog/document.ts';
import type { DocumentKind } from '../../channels/event/head.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { OnDamaged } from '../../channels/ports/damaged-record.ts';
import type {
  DeadLetter,
  DeadLetterLimits,
  DeadLetterQuery,
  DeadLetterSummary,
  DeadLetterUsage,
} from '../../channels/ports/dead-letter-store.ts';
import type { CommitBatch, CommitResult, FindQuery, FoundPage } from '../../channels/ports/document-store.ts';
import type { JobStore } from '../../channels/ports/job-store.ts';
import type { PartialMessage, SourcePosition } from '../../channels/ports/intake-store.ts';
import type { OutboxPage, OutboxQuery, OutboxRow } from '../../channels/ports/outbox.ts';
import type { RevocationQuery } from '../../channels/ports/revocation-store.ts';
import { type KeptRevocation, revocationOf, type RevocationRecord } from '../../channels/control/revocation.ts';
import {
  type CatalogCollections,
  catalogCollections,
  ensureIndexes,
  notDeleted,
  type StoredPartial,
  type StoredRevocation,
} from './catalog-collections.ts';
import { findPage } from './find-page.ts';
import { translated } from './from-mongo-error.ts';
import { commitToMongo, messageKey } from './mongo-commit.ts';
import { mongoClient, type MongoConnectionOptions } from './mongo-connection.ts';
import { MongoDeadLetters } from './mongo-dead-letters.ts';
import { MongoJobs } from './mongo-jobs.ts';
import { MongoOutbox } from './mongo-outbox.ts';
import { assertTransactions } from './mongo-topology.ts';
import { inTransaction } from './mongo-transaction.ts';
import { readDocuments } from './read-documents.ts';
import type { StoredDocument } from './stored-document.ts';
import { upgradeDocuments, upgradeOnce } from './upgrade-documents.ts';
import { WrittenDocuments } from './written-documents.ts';

function fromStoredPartial({ _id, ...partial }: StoredPartial): PartialMessage {
  return { ...withoutForm('partial', partial), parts: JSON.parse(partial.parts) as PartialMessage['parts'] };
}

const readConnections = 8;

type StoreOptions = MongoConnectionOptions & { readonly onDamaged?: OnDamaged };

/** Values in the order of the ids that were asked for. */
function inOrder<Stored extends { readonly _id: string }, Value>(
  ids: readonly string[],
  stored: readonly Stored[],
  load: (stored: Stored) => Value,
): (Value | undefined)[] {
  const byId = new Map(stored.map((entry) => [entry._id, entry]));
  return ids.map((id) => {
    const entry = byId.get(id);
    return entry === undefined ? undefined : load(entry);
  });
}

class MongoCatalogStore implements CatalogStore {
  readonly jobs: JobStore;
  readonly #onDamaged: OnDamaged;
  readonly #client: MongoClient;
  readonly #collections: CatalogCollections;
  readonly #written = new WrittenDocuments();
  readonly #deadLetters: MongoDeadLetters;
  readonly #outbox: MongoOutbox;
  readonly #ping: () => Promise<unknown>;
  /** Connections of their own: dear conditions of users must not keep those waiting who take in and publish. */
  readonly #readClient: MongoClient;
  readonly #reads: Collection<StoredDocument>;

  constructor(client: MongoClient, readClient: MongoClient, { database, onDamaged = () => undefined }: StoreOptions) {
    const db = client.db(database);
    this.#onDamaged = onDamaged;
    this.#client = client;
    this.#readClient = readClient;
    this.#reads = catalogCollections(readClient.db(database)).documents;
    this.#collections = catalogCollections(db);
    this.jobs = new MongoJobs(client, this.#collections);
    this.#outbox = new MongoOutbox(this.#collections, onDamaged);
    this.#deadLetters = new MongoDeadLetters(this.#collections.deadLetters, onDamaged);
    this.#ping = () => db.command({ ping: 1 });
  }

  async getMany(
    keys: readonly { readonly tenant: string; readonly urn: string }[],
  ): Promise<readonly (CatalogDocument | undefined)[]> {
    if (keys.length === 0) return [];
    const ids = keys.map(({ tenant, urn }) => documentKey(tenant, urn));
    return translated(() => readDocuments(this.#collections, this.#written, ids));
  }

  find(query: FindQuery): Promise<FoundPage> {
    return translated(() => findPage(this.#reads, query, this.#onDamaged));
  }

  tenants(): Promise<readonly string[]> {
    return translated(() => this.#reads.distinct('tenant', {}, { maxTimeMS: 30_000 }));
  }

  count(tenant: string, kind?: DocumentKind): Promise<number> {
    const query: MongoFilter<StoredDocument> = { tenant, ...(kind === undefined ? {} : { kind }), ...notDeleted };
    return translated(() => this.#reads.countDocuments(query, { maxTimeMS: 10_000 }));
  }

  commit(batch: CommitBatch): Promise<CommitResult> {
    return translated(() =>
      commitToMongo(this.#client, this.#collections, { written: this.#written, outbox: this.#outbox }, batch),
    );
  }

  outboxPending(query: OutboxQuery): Promise<OutboxPage> {
    return translated(() => this.#outbox.pending(query));
  }

  outboxState(): Promise<{ readonly rows: number; readonly oldestAgeMs: number }> {
    return translated(() => this.#outbox.state());
  }

  outboxOf(entities: readonly { readonly tenant: string; readonly urn: string }[]): Promise<readonly OutboxRow[]> {
    return translated(() => this.#outbox.of(entities));
  }

  outboxRemove(ids: readonly string[]): Promise<void> {
    return translated(() => this.#outbox.remove(ids));
  }

  positionsOf(connector: string): Promise<readonly SourcePosition[]> {
    return translated(async () => {
      const rows = await this.#collections.positions.find({ connector }, { sort: { _id: 1 } }).toArray();
      return rows.map(({ _id, ...position }) => withoutForm('position', position));
    });
  }

  async refusePosition({ connector, topic, partition, next }: SourcePosition, refused: string): Promise<void> {
    const _id = `${connector}|${topic}|${partition}`;
    await translated(() => this.#collections.positions.updateOne({ _id, next }, { $set: { refused } }));
  }

  async resetPositions(
    { connector, topic }: { readonly connector: string; readonly topic: string },
    positions: readonly { readonly partition: number; readonly next: number }[],
  ): Promise<void> {
    const rows = positions.map(({ partition, next }) => ({
      _id: `${connector}|${topic}|${partition}`,
      v: forms.position.writes,
      ...{ connector, topic, partition, next },
    }));
    await translated(() =>
      inTransaction(this.#client, async (session) => {
        await this.#collections.positions.deleteMany({ connector, topic }, { session });
        if (rows.length > 0) await this.#collections.positions.insertMany(rows, { session });
      }),
    );
  }

  async knownMessages(connector: string, ids: readonly string[]): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const keys = ids.map((id) => messageKey(connector, id));
    const found = await translated(() => this.#collections.messages.find({ _id: { $in: keys } }).toArray());
    const known = new Set(found.map(({ _id }) => _id));
    return ids.filter((id) => known.has(messageKey(connector, id)));
  }

  async partialsOf(ids: readonly string[]): Promise<readonly (PartialMessage | undefined)[]> {
    if (ids.length === 0) return [];
    return translated(async () =>
      inOrder(ids, await this.#collections.partials.find({ _id: { $in: [...ids] } }).toArray(), fromStoredPartial),
    );
  }

  async partialsBefore(beforeIso: string, limit: number): Promise<readonly string[]> {
    if (limit <= 0) return [];
    const options = { sort: { firstAt: 1, _id: 1 }, limit, projection: { _id: 1 } } as const;
    const cursor = this.#collections.partials.find({ firstAt: { $lt: beforeIso } }, options);
    return translated(async () => (await cursor.toArray()).map(({ _id }) => _id));
  }

  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetterSummary[]> {
    return translated(() => this.#deadLetters.page(query));
  }

  deadLetter(tenant: string, id: string): Promise<DeadLetter | undefined> {
    return translated(() => this.#deadLetters.get(tenant, id));
  }

  deadLetterCount(): Promise<number> {
    return translated(() => this.#deadLetters.count());
  }

  deadLetterRemove(tenant: string, id: string): Promise<void> {
    return translated(() => this.#deadLetters.remove(tenant, id));
  }

  deadLetterTrim(limits: DeadLetterLimits): Promise<readonly DeadLetterUsage[]> {
    return translated(() => this.#deadLetters.trim(limits));
  }

  async putRevocation(revocation: RevocationRecord): Promise<void> {
    const { tenant, id, at, expiresAt } = revocation;
    const $setOnInsert = { tenant, at, expiresAt: new Date(expiresAt), text: JSON.stringify(revocation) };
    await translated(() =>
      this.#collections.revocations.updateOne({ _id: `${tenant}|${id}` }, { $setOnInsert }, { upsert: true }),
    );
  }

  revocations({ nowMs, tenant, sinceIso }: RevocationQuery): Promise<readonly KeptRevocation[]> {
    const query: MongoFilter<StoredRevocation> = {
      expiresAt: { $gt: new Date(nowMs) },
      ...(tenant === undefined ? {} : { tenant }),
      ...(sinceIso === undefined ? {} : { at: { $gte: sinceIso } }),
    };
    return translated(async () => {
      const stored = await this.#collections.revocations.find(query, { sort: { at: 1, _id: 1 } }).toArray();
      return stored.map(({ text }) => revocationOf(text));
    });
  }

  async putMetaIfAbsent(key: string, value: string): Promise<string> {
    const stored = await translated(() =>
      this.#collections.meta.findOneAndUpdate(
        { _id: key },
        { $setOnInsert: { value } },
        { upsert: true, returnDocument: 'after' },
      ),
    );
    return stored?.value ?? value;
  }

  async getMeta(key: string): Promise<string | undefined> {
    return (await translated(() => this.#collections.meta.findOne({ _id: key })))?.value;
  }

  async replaceMeta(key: string, expected: string, value: string): Promise<boolean> {
    const { matchedCount } = await translated(() =>
      this.#collections.meta.updateOne({ _id: key, value: expected }, { $set: { value } }),
    );
    return matchedCount === 1;
  }

  async ping(): Promise<void> {
    await translated(this.#ping);
  }

  /** The server's TTL monitor does the same once a minute; this makes it exact. */
  async expire(nowMs: number): Promise<void> {
    const expired = { expiresAt: { $lte: new Date(nowMs) } };
    await translated(async () => {
      await this.#collections.messages.deleteMany(expired);
      await this.#collections.revocations.deleteMany(expired);
    });
  }

  async upgradeDocuments(): Promise<void> {
    await translated(() => upgradeDocuments(this.#collections));
  }

  close(): Promise<void> {
    return translated(async () => {
      await this.#readClient.close();
      await this.#client.close();
    });
  }
}

/**
 * Connects, verifies that the server can do transactions, and creates what indexes are missing.
 * @throws config-invalid (bad URL, standalone server), storage-unavailable
 */
export async function createMongoCatalogStore(options: StoreOptions): Promise<CatalogStore> {
  const client = await translated(async () => mongoClient(options));
  const readClient = await translated(async () => mongoClient({ ...options, maxPoolSize: readConnections }));
  try {
    await assertTransactions(client);
    const collections = catalogCollections(client.db(options.database));
    await translated(async () => {
      const declared = (await collections.meta.findOne({ _id: declaredFormsKey }))?.value;
      assertDeclared(declared);
      await ensureIndexes(collections);
      await upgradeOnce(collections, declared);
    });
    // now: the first user would wait for it, and longest where the server is just away
    await translated(() => readClient.connect());
  } catch (error) {
    await readClient.close();
    await client.close();
    throw error;
  }
  return new MongoCatalogStore(client, readClient, options);
}
