import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import {
  type AnyBulkWriteOperation,
  type ClientSession,
  type Collection,
  type Db,
  type Document,
  Timestamp,
} from 'mongodb';
import { documentKey } from '../../channels/catalog/document.ts';
import { eventText } from '../../channels/event/event-text.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { entityOfRow, outboxRowsOf } from '../../channels/event/outbox-rows.ts';
import type { OnDamaged } from '../../channels/ports/damaged-record.ts';
import {
  maxOutboxPageLength,
  outboxId,
  type OutboxPage,
  type OutboxQuery,
  type OutboxRow,
} from '../../channels/ports/outbox.ts';
import { hello } from './server-facts.ts';
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
  /** When it was stored, by the clock of the server: those of the hubs differ. */
  readonly at: Timestamp;
  readonly rows: readonly StoredRow[];
}

interface Pack {
  readonly id: string;
  /** Ids of its rows that are still stored, or were until a moment ago. */
  left: Set<string>;
}

/** The server puts its own time in the place of this. */
const serverTime = new Timestamp(0n);
/** Of the key of an entity in a row's id: what stands behind it is a separator and the version. */
const versionBytes = 13;
/** Upper bound of what a pack takes; a document may have 16 MiB. */
const maxPackBytes = 12 * 1024 * 1024;
/** BSON of a row besides its texts, twice what it is. */
const rowBytes = 64;
/** Rows of which it is remembered where they are: much more than wait in a process. */
const maxKnownRows = 100_000;

function packsOf(events: readonly HubEvent[]): readonly (StoredOutboxPack & { readonly maxBytes: number })[] {
  const packs: { rows: StoredRow[]; maxBytes: number }[] = [];
  for (const event of events) {
    const row = { id: outboxId(event), text: eventText(event) };
    const bytes = maxUtf8Bytes(row.id) + maxUtf8Bytes(row.text) + rowBytes;
    const last = packs.at(-1);
    if (last !== undefined && last.maxBytes + bytes <= maxPackBytes) {
      last.rows.push(row);
      last.maxBytes += bytes;
    } else packs.push({ rows: [row], maxBytes: rowBytes + bytes });
  }
  return packs.map((pack) => ({ _id: randomUUID(), at: serverTime, ...pack }));
}

function isAll({ left }: Pack, ids: readonly string[]): boolean {
  const removed = new Set(ids);
  return [...left].every((id) => removed.has(id));
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

function behind(after: string | undefined): Document {
  if (after === undefined) return {};
  const [time = '0', id = ''] = after.split('|');
  const at = new Timestamp(BigInt(time));
  return { $or: [{ at: { $gt: at } }, { at, _id: { $gt: id } }] };
}

/** Leaves out the rows of these entities, and packs that have no others. */
function without(entities: ReadonlySet<string>): readonly Document[] {
  const keyBytes = { $subtract: [{ $strLenBytes: '$$row.id' }, versionBytes] };
  const isOther = { $not: { $in: [{ $substrBytes: ['$$row.id', 0, keyBytes] }, [...entities]] } };
  return [
    { $set: { rows: { $filter: { input: '$rows', as: 'row', cond: isOther } } } },
    { $match: { 'rows.0': { $exists: true } } },
  ];
}

/**
 * Events that wait to be published. A document for each would cost an insert and a delete for every event, with an index
 * entry; the events of a commit are nearly always published together, so they are stored together.
 */
export class MongoOutbox {
  readonly #db: Db;
  readonly #outbox: Collection<StoredOutboxPack>;
  readonly #onDamaged: OnDamaged;
  /** Row id -> where it is, of rows that this process wrote or read. */
  readonly #known = new LRUCache<string, Pack>({ max: maxKnownRows });

  constructor({ db, outbox }: OutboxCollection, onDamaged: OnDamaged = () => undefined) {
    this.#db = db;
    this.#outbox = outbox;
    this.#onDamaged = onDamaged;
  }

  /** Call it when the transaction is known to be committed. */
  remember({ packs }: OutboxCommit): void {
    for (const pack of packs) this.#know(pack);
  }

  /** Packs are read in the order in which they were stored, until they have as many rows as are wanted. */
  async pending({ limit, minAgeMs = 0, except, after }: OutboxQuery): Promise<OutboxPage> {
    const packs: StoredOutboxPack[] = [];
    let [rows, length] = [0, 0];
    const stages = [
      { $match: { ...behind(after), ...(minAgeMs === 0 ? {} : { at: { $lt: await this.#timeBefore(minAgeMs) } }) } },
      { $sort: { at: 1, _id: 1 } },
      ...(except === undefined || except.size === 0 ? [] : without(except)),
    ];
    for await (const pack of this.#outbox.aggregate<StoredOutboxPack>(stages, { batchSize: 1 })) {
      packs.push(pack);
      rows += pack.rows.length;
      length += pack.rows.reduce((sum, { text }) => sum + text.length, 0);
      // pages are of whole packs: the rest of one could not be named
      if (rows >= limit || length > maxOutboxPageLength)
        return { rows: this.#sorted(packs), next: `${pack.at.toBigInt()}|${pack._id}` };
    }
    return { rows: this.#sorted(packs), next: undefined };
  }

  async state(): Promise<{ readonly rows: number; readonly oldestAgeMs: number }> {
    const stages = [{ $group: { _id: null, rows: { $sum: { $size: '$rows' } }, oldest: { $min: '$at' } } }];
    const [found] = await this.#outbox.aggregate<{ rows: number; oldest: Timestamp }>(stages).toArray();
    if (found === undefined) return { rows: 0, oldestAgeMs: 0 };
    const now = await this.#timeBefore(0);
    return { rows: found.rows, oldestAgeMs: Math.max(0, now.t - found.oldest.t) * 1000 };
  }

  async #timeBefore(ageMs: number): Promise<Timestamp> {
    const { localTime } = await hello(this.#db);
    return new Timestamp({ t: Math.floor((localTime.getTime() - ageMs) / 1000), i: 0 });
  }

  async of(entities: readonly { readonly tenant: string; readonly urn: string }[]): Promise<readonly OutboxRow[]> {
    if (entities.length === 0) return [];
    const keys = entities.map(({ tenant, urn }) => documentKey(tenant, urn));
    // an id is the key of the entity and a version
    const ranges = keys.map((key) => ({ rows: { $elemMatch: { id: { $gte: `${key}|0`, $lt: `${key}|:` } } } }));
    const packs = await this.#outbox.find({ $or: ranges }).toArray();
    const wanted = new Set(keys);
    return this.#sorted(packs, ({ id }) => wanted.has(entityOfRow(id)));
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
      isAll(pack, ids)
        ? { deleteOne: { filter: { _id: pack.id } } }
        : { updateOne: { filter: { _id: pack.id }, update: { $pull: { rows: { id: { $in: [...ids] } } } } } },
    );
    await this.#outbox.bulkWrite(operations, { ordered: false });
    for (const [pack, ids] of byPack)
      for (const id of ids) {
        pack.left.delete(id);
        this.#known.delete(id);
      }
    return [...byPack.keys()].some(({ left }) => left.size > 0);
  }

  #sorted(packs: readonly StoredOutboxPack[], isWanted = (_row: StoredRow): boolean => true): readonly OutboxRow[] {
    for (const pack of packs) this.#know(pack);
    const rows = packs.flatMap((pack) => pack.rows).filter(isWanted);
    return outboxRowsOf(
      rows.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
      this.#onDamaged,
    );
  }

  #know({ _id, rows }: StoredOutboxPack): void {
    const [first] = rows;
    const held = first === undefined ? undefined : this.#known.get(first.id);
    const left = new Set(rows.map(({ id }) => id));
    if (held?.id === _id) return void (held.left = left);
    const pack = { id: _id, left };
    for (const { id } of rows) this.#known.set(id, pack);
  }
}
