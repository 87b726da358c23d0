import { Query } from 'mingo';
import type { CatalogDocument } from '../../channels/catalog/document.ts';
import { documentKey } from '../../channels/catalog/document.ts';
import type { DocumentKind, Head } from '../../channels/event/head.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type {
  CatalogStore,
  CommitBatch,
  CommitResult,
  DeadLetter,
  FindQuery,
  OutboxRow,
  PartialMessage,
  SourcePosition,
} from '../../channels/ports/catalog-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { requiredText } from '../../channels/subscription/required-text.ts';
import { toMongoFilter } from '../../channels/subscription/to-mongo.ts';
import { type CatalogTables, keysUnder, openCatalogTables } from './catalog-tables.ts';
import {
  deadLetterOrderKey,
  expiryKey,
  findConflict,
  messageKey,
  prepareCommit,
  writeCommit,
} from './embedded-commit.ts';
import type { EmbeddedEnvironment } from './embedded-environment.ts';
import { isDeleted, kindTerm, termOf } from './head-index.ts';

const kinds = ['asset', 'alert', 'relationship', 'definition'] as const satisfies readonly DocumentKind[];
/** Heads looked at in one turn of the event loop: about 5 ms. */
const headsPerTurn = 1000;
const forgottenPerTransaction = 5000;

type DeadLetterQuery = Parameters<CatalogStore['deadLetters']>[0];

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

class EmbeddedCatalogStore implements CatalogStore {
  readonly #environment: EmbeddedEnvironment;
  readonly #tables: CatalogTables;

  constructor(environment: EmbeddedEnvironment) {
    this.#environment = environment;
    this.#tables = openCatalogTables(environment);
  }

  getMany(
    keys: readonly { readonly tenant: string; readonly urn: string }[],
  ): Promise<readonly (CatalogDocument | undefined)[]> {
    return this.#environment.read(() => keys.map(({ tenant, urn }) => this.#document(documentKey(tenant, urn))));
  }

  async find({
    tenant,
    filter,
    afterUrn,
    limit,
    includeDeleted = false,
  }: FindQuery): Promise<readonly CatalogDocument[]> {
    const query = new Query(toMongoFilter(filter) as Record<string, never>);
    const term = includeDeleted ? undefined : termOf(filter);
    const matches = (head: Head) => (includeDeleted || !isDeleted(head)) && query.test({ head });
    const only = requiredText(filter, 'urn');
    if (only !== undefined) {
      const urns = afterUrn === undefined || only > afterUrn ? [only] : [];
      return this.#environment.read(() => this.#matching(tenant, urns, matches, limit));
    }
    const found: CatalogDocument[] = [];
    let after = afterUrn;
    while (found.length < limit) {
      const page = await this.#environment.read(() => this.#urns(tenant, term, after));
      const hits = await this.#environment.read(() => this.#matching(tenant, page, matches, limit - found.length));
      found.push(...hits);
      if (page.length < headsPerTurn) break;
      after = page.at(-1);
      await nextTurn();
    }
    return found;
  }

  count(tenant: string, kind?: DocumentKind): Promise<number> {
    const counted: readonly DocumentKind[] = kind === undefined ? kinds : [kind];
    return this.#environment.read(() =>
      counted.reduce(
        (sum, each) => sum + this.#tables.terms.getKeysCount(keysUnder(`${tenant}|${kindTerm(each)}|`)),
        0,
      ),
    );
  }

  async commit(batch: CommitBatch): Promise<CommitResult> {
    const prepared = prepareCommit(batch, this.#environment.maxKeyBytes);
    return this.#environment.transact(() => {
      const result = findConflict(this.#tables, prepared);
      if (result.ok) writeCommit(this.#tables, prepared);
      return result;
    });
  }

  outboxPending(limit: number): Promise<readonly OutboxRow[]> {
    return this.#environment.read(() => this.#outboxRows({ limit }));
  }

  outboxOf(entities: readonly { readonly tenant: string; readonly urn: string }[]): Promise<readonly OutboxRow[]> {
    return this.#environment.read(() =>
      entities.flatMap(({ tenant, urn }) =>
        this.#outboxRows(keysUnder(`${tenant}|${urn}|`)).filter(
          ({ event }) => event.tenant === tenant && event.subject === urn,
        ),
      ),
    );
  }

  outboxRemove(ids: readonly string[]): Promise<void> {
    return this.#environment.transact(() => {
      for (const id of ids) void this.#tables.outbox.remove(id);
    });
  }

  positionsOf(connector: string): Promise<readonly SourcePosition[]> {
    return this.#environment.read(() =>
      [...this.#tables.positions.getRange(keysUnder(`${connector}|`))].map(
        ({ value }) => JSON.parse(value) as SourcePosition,
      ),
    );
  }

  knownMessages(connector: string, ids: readonly string[]): Promise<readonly string[]> {
    return this.#environment.read(() => ids.filter((id) => this.#tables.messages.doesExist(messageKey(connector, id))));
  }

  partialsOf(ids: readonly string[]): Promise<readonly (PartialMessage | undefined)[]> {
    return this.#environment.read(() => ids.map((id) => this.#partial(id)));
  }

  partialsBefore(beforeIso: string, limit: number): Promise<readonly PartialMessage[]> {
    return this.#environment.read(() =>
      [...this.#tables.partialOrder.getRange({ end: beforeIso, limit })].flatMap(
        ({ value }) => this.#partial(value) ?? [],
      ),
    );
  }

  deadLetters(query: DeadLetterQuery): Promise<readonly DeadLetter[]> {
    return this.#environment.read(() => this.#deadLetterPage(query));
  }

  deadLetter(tenant: string, id: string): Promise<DeadLetter | undefined> {
    return this.#environment.read(() => this.#letter(tenant, id));
  }

  deadLetterCount(): Promise<number> {
    return this.#environment.read(
      () => (this.#tables.deadLetters.getStats() as { readonly entryCount: number }).entryCount,
    );
  }

  deadLetterRemove(tenant: string, id: string): Promise<void> {
    return this.#environment.transact(() => {
      const letter = this.#letter(tenant, id);
      if (letter === undefined) return;
      void this.#tables.deadLetters.remove(`${tenant}|${id}`);
      void this.#tables.deadLetterOrder.remove(deadLetterOrderKey(letter));
    });
  }

  putMetaIfAbsent(key: string, value: string): Promise<string> {
    return this.#environment.transact(() => {
      const stored = this.#tables.meta.get(key);
      if (stored === undefined) void this.#tables.meta.put(key, value);
      return stored ?? value;
    });
  }

  ping(): Promise<void> {
    return this.#environment.read(() => void this.#tables.meta.doesExist('epoch'));
  }

  async expire(nowMs: number): Promise<void> {
    while ((await this.#environment.transact(() => this.#forget(nowMs))) === forgottenPerTransaction);
  }

  /** The environment belongs to whoever opened it and stays open. */
  async close(): Promise<void> {}

  #document(key: string): CatalogDocument | undefined {
    const text = this.#tables.documents.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as CatalogDocument);
  }

  #partial(id: string): PartialMessage | undefined {
    const text = this.#tables.partials.get(id);
    return text === undefined ? undefined : (JSON.parse(text) as PartialMessage);
  }

  #letter(tenant: string, id: string): DeadLetter | undefined {
    const text = this.#tables.deadLetters.get(`${tenant}|${id}`);
    return text === undefined ? undefined : (JSON.parse(text) as DeadLetter);
  }

  /** The next urns in order: of all documents, or of those that have the term. */
  #urns(tenant: string, term: string | undefined, after: string | undefined): readonly string[] {
    const prefix = term === undefined ? `${tenant}|` : `${tenant}|${term}|`;
    const range = { ...keysUnder(prefix), limit: headsPerTurn, snapshot: false };
    const table = term === undefined ? this.#tables.heads : this.#tables.terms;
    const keys = table.getKeys(after === undefined ? range : { ...range, start: prefix + after, exclusiveStart: true });
    return [...keys].map((key) => key.slice(prefix.length));
  }

  #matching(
    tenant: string,
    urns: readonly string[],
    matches: (head: Head) => boolean,
    limit: number,
  ): CatalogDocument[] {
    const found: CatalogDocument[] = [];
    for (const urn of urns) {
      if (found.length === limit) break;
      const key = documentKey(tenant, urn);
      const head = this.#tables.heads.get(key);
      const document = head !== undefined && matches(JSON.parse(head) as Head) ? this.#document(key) : undefined;
      if (document !== undefined) found.push(document);
    }
    return found;
  }

  #outboxRows(range: { readonly start?: string; readonly end?: string; readonly limit?: number }): OutboxRow[] {
    return [...this.#tables.outbox.getRange(range)].map(({ key, value }) => ({
      id: key,
      event: JSON.parse(value) as HubEvent,
    }));
  }

  #deadLetterPage({ tenant, connector, limit, after }: DeadLetterQuery): readonly DeadLetter[] {
    const { start, end } = keysUnder(`${tenant}|`);
    const from = after === undefined ? end : this.#orderKeyOf(tenant, after);
    const page: DeadLetter[] = [];
    for (const { key, value } of this.#tables.deadLetterOrder.getRange({
      start: from,
      end: start,
      reverse: true,
      exclusiveStart: true,
    })) {
      if (page.length >= limit) break;
      if (connector !== undefined && value !== connector) continue;
      const letter = this.#letter(tenant, key.slice(key.indexOf('|', start.length) + 1));
      if (letter !== undefined) page.push(letter);
    }
    return page;
  }

  #orderKeyOf(tenant: string, id: string): string {
    const letter = this.#letter(tenant, id);
    if (letter === undefined)
      throw new HubError('not-found', `after: dead letter ${id} is gone; start again with the first page`);
    return deadLetterOrderKey(letter);
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

/** The catalog of the embedded mode, on the environment's tables. Closing the store leaves the environment open. */
export function createEmbeddedCatalogStore({
  environment,
}: {
  readonly environment: EmbeddedEnvironment;
}): CatalogStore {
  return new EmbeddedCatalogStore(environment);
}
