import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { AnyBulkWriteOperation, ClientSession, Collection, Db, Filter } from 'mongodb';
import { documentKey } from '../../channels/catalog/document.ts';
import { eventOfText, eventText } from '../../channels/event/event-text.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { outboxId, type OutboxRow } from '../../channels/ports/catalog-store.ts';
import { insertAll, maxUtf8Bytes } from './write-commands.ts';

interface StoredRow {
  /** {@link outboxId} */
  readonly id: string;
  /** The event as JSON text: it goes to the log as text anyway, and text keeps it exact. */
  readonly text: string;
}

/** Events of one commit. */
export interface StoredOutboxPack {
  readonly _id: string;
  /** When the first of them was accepted, RFC 3339 UTC with milliseconds. */
  readonly at: string;
  readonly rows: readonly StoredRow[];
}

interface Pack {
  readonly id: string;
  /** How many of its rows are still stored. */
  rows: number;
}

/** Upper bound of what a pack takes; a document may have 16 MiB. */
const maxPackBytes = 12 * 1024 * 1024;
/** BSON of a row beside its texts, twice what it is. */
const rowBytes = 64;
/** Rows of which it is remembered where they are: much more than wait in a process. */
const maxKnownRows = 100_000;

function packsOf(events: readonly HubEvent[]): readonly (StoredOutboxPack & { readonly maxBytes: number })[] {
  const packs: { rows: StoredRow[]; at: string; maxBytes: number }[] = [];
  for (const event of events) {
    const row = { id: outboxId(event), text: eventText(event) };
    const bytes = maxUtf8Bytes(row.id) + maxUtf8Bytes(row.text) + rowBytes;
    const last = packs.at(-1);
    if (last !== undefined && last.maxBytes + bytes <= maxPackBytes) {
      last.rows.push(row);
      last.maxBytes += bytes;
      if (event.recordedtime < last.at) last.at = event.recordedtime;
    } else packs.push({ rows: [row], at: event.recordedtime, maxBytes: rowBytes + bytes });
  }
  return packs.map((pack) => ({ _id: randomUUID(), ...pack }));
}

function rowOf({ id, text }: StoredRow): OutboxRow {
  return { id, event: eventOfText(text) };
}

/** Packs of one commit, made once for all attempts of its transaction. */
export class OutboxCommit {
  readonly #packs: ReturnType<typeof packsOf>;

  constructor(events: readonly HubEvent[]) {
    this.#packs = packsOf(events);
  }

  get packs(): readonly StoredOutboxPack[] {
    return this.#packs;
  }

  async write({ db, outbox }: OutboxCollection, session: ClientSession): Promise<void> {
    const sized = this.#packs.map(({ maxBytes, ...value }) => ({ value, maxBytes }));
    await insertAll(db, outbox.collectionName, sized, session);
  }
}

interface OutboxCollection {
  readonly db: Db;
  readonly outbox: Collection<StoredOutboxPack>;
}

/**
 * Events that wait to be published. A document for each would cost an insert and a delete for every event, with an index
 * entry; the events of a commit are nearly always published together, so they are stored together.
 */
export class MongoOutbox {
  readonly #outbox: Collection<StoredOutboxPack>;
  /** Row id -> where it is, of rows that this process wrote or read. */
  readonly #known = new LRUCache<string, Pack>({ max: maxKnownRows });

  constructor({ outbox }: OutboxCollection) {
    this.#outbox = outbox;
  }

  /** Call it when the transaction is known to be committed. */
  remember({ packs }: OutboxCommit): void {
    for (const pack of packs) this.#know(pack);
  }

  /** Version order within each entity. `before`: only of commits that were accepted earlier. */
  async pending(limit: number, before?: string): Promise<readonly OutboxRow[]> {
    if (limit <= 0) return [];
    const packs: StoredOutboxPack[] = [];
    let rows = 0;
    const query: Filter<StoredOutboxPack> = before === undefined ? {} : { at: { $lt: before } };
    for await (const pack of this.#outbox.find(query, { sort: { at: 1 }, batchSize: 1 })) {
      packs.push(pack);
      rows += pack.rows.length;
      if (rows >= limit) break;
    }
    return this.#sorted(packs).slice(0, limit).map(rowOf);
  }

  async of(entities: readonly { readonly tenant: string; readonly urn: string }[]): Promise<readonly OutboxRow[]> {
    if (entities.length === 0) return [];
    const keys = entities.map(({ tenant, urn }) => documentKey(tenant, urn));
    // an id is the key of the entity and a version
    const ranges = keys.map((key) => ({ rows: { $elemMatch: { id: { $gte: `${key}|0`, $lt: `${key}|:` } } } }));
    const packs = await this.#outbox.find({ $or: ranges }).toArray();
    const wanted = new Set(keys);
    return this.#sorted(packs)
      .filter(({ id }) => wanted.has(id.slice(0, id.lastIndexOf('|'))))
      .map(rowOf);
  }

  async remove(ids: readonly string[]): Promise<void> {
    const byPack = new Map<Pack, string[]>();
    const strangers: string[] = [];
    for (const id of ids) {
      const pack = this.#known.get(id);
      if (pack === undefined) strangers.push(id);
      else {
        const some = byPack.get(pack);
        if (some === undefined) byPack.set(pack, [id]);
        else some.push(id);
      }
    }
    if (strangers.length > 0) {
      const $pull = { rows: { id: { $in: strangers } } };
      await this.#outbox.updateMany({ 'rows.id': { $in: strangers } }, { $pull });
    }
    const isPartly = await this.#removeKnown(byPack);
    if (isPartly || strangers.length > 0) await this.#outbox.deleteMany({ rows: { $size: 0 } });
  }

  /** True where a pack was not removed as a whole. */
  async #removeKnown(byPack: ReadonlyMap<Pack, readonly string[]>): Promise<boolean> {
    if (byPack.size === 0) return false;
    const operations = [...byPack].map(([pack, ids]): AnyBulkWriteOperation<StoredOutboxPack> =>
      ids.length >= pack.rows
        ? { deleteOne: { filter: { _id: pack.id } } }
        : { updateOne: { filter: { _id: pack.id }, update: { $pull: { rows: { id: { $in: [...ids] } } } } } },
    );
    await this.#outbox.bulkWrite(operations, { ordered: false });
    let isPartly = false;
    for (const [pack, ids] of byPack) {
      isPartly ||= ids.length < pack.rows;
      pack.rows -= ids.length;
      for (const id of ids) this.#known.delete(id);
    }
    return isPartly;
  }

  #sorted(packs: readonly StoredOutboxPack[]): readonly StoredRow[] {
    for (const pack of packs) this.#know(pack);
    return packs.flatMap(({ rows }) => rows).toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  #know({ _id, rows }: StoredOutboxPack): void {
    const [first] = rows;
    const held = first === undefined ? undefined : this.#known.get(first.id);
    if (held?.id === _id) return void (held.rows = rows.length);
    const pack = { id: _id, rows: rows.length };
    for (const { id } of rows) this.#known.set(id, pack);
  }
}
