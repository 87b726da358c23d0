import { documentKey } from '../../channels/catalog/document.ts';
import { eventText } from '../../channels/event/event-text.ts';
import type { CommitBatch, CommitResult } from '../../channels/ports/document-store.ts';
import type { PartialMessage, SourcePosition } from '../../channels/ports/intake-store.ts';
import { outboxId } from '../../channels/ports/outbox.ts';
import { type CatalogTables, checkedKey } from './catalog-tables.ts';
import { deadLetterOrderKey, type PreparedDeadLetter, writeDeadLetter } from './embedded-dead-letters.ts';
import { type EncodedDocument, encodeDocument, IndexChanges } from './index-changes.ts';
import { recordOf, recordText } from './record-text.ts';
import { SortedLists } from './sorted-lists.ts';

/** Bytes of a key of the index that stand before the urn. */
const termBytes = 220;

interface PreparedDocument {
  readonly key: string;
  readonly version: number;
  readonly expectedVersion: number;
  readonly encoded: EncodedDocument;
  /** As it is stored; set by `findConflict`. */
  previous: string | undefined;
}

interface PreparedEntry {
  readonly key: string;
  readonly text: string;
}

/** A batch encoded before the transaction: what can throw has thrown, and the writer thread is held only for writing. */
export interface PreparedCommit {
  readonly batch: CommitBatch;
  readonly documents: readonly PreparedDocument[];
  readonly outbox: readonly PreparedEntry[];
  readonly messages: readonly (PreparedEntry & { readonly id: string; readonly expiryKey: string })[];
  readonly deadLetters: readonly PreparedDeadLetter[];
  readonly positions: readonly (PreparedEntry & { readonly expected: number | null })[];
  readonly partials: readonly (PreparedEntry & { readonly orderKey: string; readonly version: number })[];
}

export function messageKey(connector: string, id: string): string {
  return `${connector}|${id}`;
}

/** Padded, so that text order is time order. */
export function expiryKey(expiresAtMs: number, key: string): string {
  return `${String(Math.max(0, Math.trunc(expiresAtMs))).padStart(16, '0')}|${key}`;
}

export function partialOrderKey(partial: Pick<PartialMessage, 'firstAt' | 'id'>): string {
  return `${partial.firstAt}|${partial.id}`;
}

export function positionKey({
  connector,
  topic,
  partition,
}: Pick<SourcePosition, 'connector' | 'topic' | 'partition'>): string {
  return `${connector}|${topic}|${partition}`;
}

/** `outbox`: the events that the commit does not append to the log. @throws limit-exceeded when an id or urn is too long for a key */
export function prepareCommit(batch: CommitBatch, outbox: CommitBatch['outbox'], maxKeyBytes: number): PreparedCommit {
  return {
    batch,
    documents: batch.documents.map(({ document, expectedVersion }) => ({
      key: checkedKey(`urn of ${document.kind}`, documentKey(document.tenant, document.urn), maxKeyBytes - termBytes),
      version: document.version,
      expectedVersion,
      encoded: encodeDocument(document),
      previous: undefined,
    })),
    outbox: outbox.map((event) => ({
      key: checkedKey('subject of event', outboxId(event), maxKeyBytes),
      text: eventText(event),
    })),
    messages: batch.messageIds.map(({ connector, id, expiresAtMs }) => {
      const key = messageKey(connector, id);
      return {
        id,
        key,
        text: String(expiresAtMs),
        expiryKey: checkedKey('message id', expiryKey(expiresAtMs, key), maxKeyBytes),
      };
    }),
    deadLetters: batch.deadLetters.map((letter) => ({
      letter,
      key: `${letter.tenant}|${letter.id}`,
      text: recordText('deadLetter', letter),
      orderKey: checkedKey('id of dead letter', deadLetterOrderKey(letter), maxKeyBytes),
    })),
    positions: batch.positions.map(({ expected, ...position }) => ({
      key: checkedKey('topic', positionKey(position), maxKeyBytes),
      text: recordText('position', position),
      expected,
    })),
    partials: batch.partials.map(({ partial }) => ({
      key: partial.id,
      version: partial.version,
      text: recordText('partial', partial),
      orderKey: checkedKey('id of split message', partialOrderKey(partial), maxKeyBytes),
    })),
  };
}

function hasVersion(table: CatalogTables['partials'], key: string, version: number): boolean {
  return version === 0 ? !table.doesExist(key) : table.doesExist(key, version);
}

/** Reads each document once: what is stored is kept for `writeCommit`. */
function isCurrent(tables: CatalogTables, document: PreparedDocument): boolean {
  const stored = tables.documents.getEntry(document.key);
  document.previous = stored?.value;
  return (stored?.version ?? 0) === document.expectedVersion;
}

function storedNext(tables: CatalogTables, key: string): number | null {
  const text = tables.positions.get(key);
  return text === undefined ? null : recordOf<SourcePosition>('position', text).next;
}

/** Reads only. */
export function findConflict(tables: CatalogTables, prepared: PreparedCommit): CommitResult {
  const { batch } = prepared;
  if (prepared.positions.some(({ key, expected }) => storedNext(tables, key) !== expected))
    return { ok: false, conflict: 'position' };
  const ids = prepared.messages.filter(({ key }) => tables.messages.doesExist(key)).map(({ id }) => id);
  if (ids.length > 0) return { ok: false, conflict: 'message', ids };
  const current =
    prepared.documents.every((document) => isCurrent(tables, document)) &&
    batch.partials.every(({ partial, expectedVersion }) => hasVersion(tables.partials, partial.id, expectedVersion)) &&
    batch.completedPartials.every(({ id, expectedVersion }) => hasVersion(tables.partials, id, expectedVersion));
  return current ? { ok: true } : { ok: false, conflict: 'version' };
}

function inKeyOrder(documents: readonly PreparedDocument[]): readonly PreparedDocument[] {
  return documents.toSorted((one, other) => (one.key < other.key ? -1 : 1));
}

function writeDocuments(tables: CatalogTables, documents: readonly PreparedDocument[]): void {
  const changes = new IndexChanges();
  // about the order of the index, so that little has to be sorted there
  for (const { key, version, previous, encoded } of inKeyOrder(documents)) {
    changes.add(encoded, previous);
    void tables.documents.put(key, encoded.text, version);
  }
  changes.write(new SortedLists(tables.lists));
}

function writePartials(tables: CatalogTables, { batch, partials }: PreparedCommit): void {
  for (const { key, text, version, orderKey } of partials) {
    void tables.partials.put(key, text, version);
    void tables.partialOrder.put(orderKey, key);
  }
  for (const { id } of batch.completedPartials) {
    const text = tables.partials.get(id);
    if (text !== undefined) void tables.partialOrder.remove(partialOrderKey(recordOf<PartialMessage>('partial', text)));
    void tables.partials.remove(id);
  }
}

/** Writes everything; call it in the transaction in which `findConflict` found none. */
export function writeCommit(tables: CatalogTables, prepared: PreparedCommit): void {
  writeDocuments(tables, prepared.documents);
  const nowMs = Date.now();
  for (const { key, text } of prepared.outbox) void tables.outbox.put(key, text, nowMs);
  for (const { key, text } of prepared.positions) void tables.positions.put(key, text);
  for (const entry of prepared.messages) {
    void tables.messages.put(entry.key, entry.text);
    void tables.messageExpiry.put(entry.expiryKey, entry.key);
  }
  for (const letter of prepared.deadLetters) writeDeadLetter(tables, letter);
  writePartials(tables, prepared);
}
