import type { CatalogDocument } from '../../channels/catalog/document.ts';
import { type DocumentKind, documentKinds } from '../../channels/event/head.ts';
import {
  isWhole,
  type KeptRevocation,
  revocationOf,
  type RevocationRecord,
} from '../../channels/control/revocation.ts';
import type { OnDamaged } from '../../channels/ports/damaged-record.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
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
import { type CatalogTables, keysUnder, openCatalogTables } from './catalog-tables.ts';
import { expiryKey, findConflict, messageKey, positionKey, prepareCommit, writeCommit } from './embedded-commit.ts';
import { deadLetterPage, readDeadLetter, removeDeadLetter, trimDeadLetters } from './embedded-dead-letters.ts';
import type { EmbeddedEnvironment } from './embedded-environment.ts';
import { findDocuments, readDocument } from './embedded-find.ts';
import { outboxPage, outboxRows, outboxState } from './embedded-outbox.ts';
import type { EmbeddedLog } from './embedded-event-log.ts';
import { EmbeddedJobs } from './embedded-jobs.ts';
import { kindList } from './head-index.ts';
import { recordOf, recordText } from './record-text.ts';
import { SortedLists } from './sorted-lists.ts';

const forgottenPerTransaction = 5000;

interface EmbeddedStoreOptions {
  readonly environment: EmbeddedEnvironment;
  /** Undefined: what is committed waits in the outbox. */
  readonly log?: EmbeddedLog;
  readonly onDamaged?: OnDamaged;
}

class EmbeddedCatalogStore implements CatalogStore {
  readonly jobs: JobStore;
  readonly #environment: EmbeddedEnvironment;
  readonly #tables: CatalogTables;
  readonly #lists: SortedLists;
  readonly #log: EmbeddedLog | undefined;
  readonly #onDamaged: OnDamaged;

  constructor({ environment, log, onDamaged = () => undefined }: EmbeddedStoreOptions) {
    this.#environment = environment;
    this.#onDamaged = onDamaged;
    this.#tables = openCatalogTables(environment);
    this.jobs = new EmbeddedJobs(environment, this.#tables);
    this.#lists = new SortedLists(this.#tables.lists);
    this.#log = log;
  }

  getMany(
    keys: readonly { readonly tenant: string; readonly urn: string }[],
  ): Promise<readonly (CatalogDocument | undefined)[]> {
    return this.#environment.read(() => keys.map(({ tenant, urn }) => readDocument(this.#tables, tenant, urn)));
  }

  find(query: FindQuery): Promise<FoundPage> {
    return findDocuments(this.#environment, this.#tables, query, this.#onDamaged);
  }

  /** From the first key of one tenant to that of the next. */
  tenants(): Promise<readonly string[]> {
    return this.#environment.read(() => {
      const found: string[] = [];
      for (let start = ''; ;) {
        const [key] = [...this.#tables.documents.getKeys({ start, limit: 1 })];
        if (typeof key !== 'string') return found;
        const tenant = key.slice(0, key.indexOf('|'));
        found.push(tenant);
        start = keysUnder(`${tenant}|`).end;
      }
    });
  }

  count(tenant: string, kind?: DocumentKind): Promise<number> {
    const counted: readonly DocumentKind[] = kind === undefined ? documentKinds : [kind];
    return this.#environment.read(() =>
      counted.reduce((sum, each) => sum + this.#lists.count(kindList(tenant, each)), 0),
    );
  }

  commit(batch: CommitBatch): Promise<CommitResult> {
    const log = this.#log;
    return log === undefined ? this.#commitWithOutbox(batch) : this.#commitAndAppend(batch, log);
  }

  outboxPending(query: OutboxQuery): Promise<OutboxPage> {
    return this.#environment.read(() => outboxPage(this.#tables, query, this.#onDamaged));
  }

  outboxState(): Promise<{ readonly rows: number; readonly oldestAgeMs: number }> {
    return this.#environment.read(() => outboxState(this.#tables));
  }

  outboxOf(entities: readonly { readonly tenant: string; readonly urn: string }[]): Promise<readonly OutboxRow[]> {
    return this.#environment.read(() =>
      entities.flatMap((entity) => outboxRows(this.#tables, entity, this.#onDamaged)),
    );
  }

  outboxRemove(ids: readonly string[]): Promise<void> {
    return this.#environment.transact(() => {
      for (const id of ids) void this.#tables.outbox.remove(id);
    });
  }

  positionsOf(connector: string): Promise<readonly SourcePosition[]> {
    return this.#environment.read(() =>
      [...this.#tables.positions.getRange(keysUnder(`${connector}|`))].map(({ value }) =>
        recordOf<SourcePosition>('position', value),
      ),
    );
  }

  refusePosition(position: SourcePosition, refused: string): Promise<void> {
    return this.#environment.transact(() => {
      const key = positionKey(position);
      const text = this.#tables.positions.get(key);
      const stored = text === undefined ? undefined : recordOf<SourcePosition>('position', text);
      if (stored?.next === position.next)
        void this.#tables.positions.put(key, recordText('position', { ...stored, refused }));
    });
  }

  resetPositions(
    source: { readonly connector: string; readonly topic: string },
    positions: readonly { readonly partition: number; readonly next: number }[],
  ): Promise<void> {
    return this.#environment.transact(() => {
      const { start, end } = keysUnder(`${source.connector}|${source.topic}|`);
      for (const key of [...this.#tables.positions.getKeys({ start, end })]) void this.#tables.positions.remove(key);
      for (const position of positions) {
        const stored = { ...source, ...position };
        void this.#tables.positions.put(positionKey(stored), recordText('position', stored));
      }
    });
  }

  knownMessages(connector: string, ids: readonly string[]): Promise<readonly string[]> {
    return this.#environment.read(() => ids.filter((id) => this.#tables.messages.doesExist(messageKey(connector, id))));
  }

  partialsOf(ids: readonly string[]): Promise<readonly (PartialMessage | undefined)[]> {
    return this.#environment.read(() => ids.map((id) => this.#partial(id)));
  }

  partialsBefore(beforeIso: string, limit: number): Promise<readonly string[]> {
    return this.#environment.read(() =>
      [...this.#tables.partialOrder.getRange({ end: beforeIso, limit })].map(({ value }) => value),
    );
  }

  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetterSummary[]> {
    return this.#environment.read(() => deadLetterPage(this.#tables, query, this.#onDamaged));
  }

  deadLetter(tenant: string, id: string): Promise<DeadLetter | undefined> {
    return this.#environment.read(() => readDeadLetter(this.#tables, tenant, id));
  }

  deadLetterCount(): Promise<number> {
    return this.#environment.read(
      () => (this.#tables.deadLetters.getStats() as { readonly entryCount: number }).entryCount,
    );
  }

  deadLetterRemove(tenant: string, id: string): Promise<void> {
    return this.#environment.transact(() => removeDeadLetter(this.#tables, tenant, id));
  }

  deadLetterTrim(limits: DeadLetterLimits): Promise<readonly DeadLetterUsage[]> {
    return this.#environment.transact(() => trimDeadLetters(this.#tables, limits, this.#onDamaged));
  }

  async putRevocation(revocation: RevocationRecord): Promise<void> {
    const key = `${revocation.tenant}|${revocation.id}`;
    await this.#environment.transact(() => {
      if (!this.#tables.revocations.doesExist(key)) void this.#tables.revocations.put(key, JSON.stringify(revocation));
    });
  }

  revocations({ nowMs, tenant, sinceIso = '' }: RevocationQuery): Promise<readonly KeptRevocation[]> {
    const range = tenant === undefined ? {} : keysUnder(`${tenant}|`);
    return this.#environment.read(() =>
      [...this.#tables.revocations.getRange(range)]
        .map(({ value }) => revocationOf(value))
        .filter((kept) => !isWhole(kept) || (kept.at >= sinceIso && Date.parse(kept.expiresAt) > nowMs))
        .toSorted((one, other) => (String(one.at) < String(other.at) ? -1 : 1)),
    );
  }

  putMetaIfAbsent(key: string, value: string): Promise<string> {
    return this.#environment.transact(() => {
      const stored = this.#tables.meta.get(key);
      if (stored === undefined) void this.#tables.meta.put(key, value);
      return stored ?? value;
    });
  }

  getMeta(key: string): Promise<string | undefined> {
    return this.#environment.read(() => this.#tables.meta.get(key));
  }

  replaceMeta(key: string, expected: string, value: string): Promise<boolean> {
    return this.#environment.transact(() => {
      if (this.#tables.meta.get(key) !== expected) return false;
      void this.#tables.meta.put(key, value);
      return true;
    });
  }

  ping(): Promise<void> {
    return this.#environment.read(() => void this.#tables.meta.doesExist('epoch'));
  }

  /** One process: nobody else writes, and what is read is upgraded. */
  async upgradeDocuments(): Promise<void> {}

  async expire(nowMs: number): Promise<void> {
    while ((await this.#environment.transact(() => this.#forget(nowMs))) === forgottenPerTransaction);
    const expired = await this.#environment.read(() =>
      [...this.#tables.revocations.getRange()].filter(
        ({ value }) => Date.parse(revocationOf(value).expiresAt ?? '') <= nowMs,
      ),
    );
    if (expired.length === 0) return;
    await this.#environment.transact(() => {
      for (const { key } of expired) void this.#tables.revocations.remove(key);
    });
  }

  /** The environment belongs to its opener and stays open. */
  async close(): Promise<void> {}

  async #commitWithOutbox(batch: CommitBatch): Promise<CommitResult> {
    const prepared = prepareCommit(batch, batch.outbox, this.#environment.maxKeyBytes);
    return this.#environment.transact(() => {
      const result = findConflict(this.#tables, prepared);
      if (result.ok) writeCommit(this.#tables, prepared);
      return result;
    });
  }

  /** Documents, log and journal in one transaction: nothing has to be published afterwards. */
  async #commitAndAppend(batch: CommitBatch, log: EmbeddedLog): Promise<CommitResult> {
    const prepared = prepareCommit(batch, [], this.#environment.maxKeyBytes);
    const events = await log.prepare(batch.outbox);
    const { result, written } = await this.#environment.transact(() => {
      const found = findConflict(this.#tables, prepared);
      if (!found.ok) return { result: found, written: [] };
      writeCommit(this.#tables, prepared);
      return { result: { ok: true, appended: true } as const, written: log.write(events) };
    });
    log.show(written);
    return result;
  }

  #partial(id: string): PartialMessage | undefined {
    const text = this.#tables.partials.get(id);
    return text === undefined ? undefined : recordOf<PartialMessage>('partial', text);
  }

  #forget(nowMs: number): number {
    const due = [
      ...this.#tables.messageExpiry.getRange({ end: expiryKey(nowMs + 1, ''), limit: forgottenPerTransaction }),
    ];
    for (const { key, value } of due) {
      void this.#tables.messageExpiry.remove(key);
      void this.#tables.messages.remove(value);
    }
    return due.length;
  }
}

/**
 * The catalog of the embedded mode, on the environment's tables. With the log of the same environment what is committed
 * is in the log by that; without it waits in the outbox. Closing the store leaves the environment open.
 */
export function createEmbeddedCatalogStore(options: EmbeddedStoreOptions): CatalogStore {
  return new EmbeddedCatalogStore(options);
}
