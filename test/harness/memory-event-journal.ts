import { type Erasure, isErased } from '../../channels/catalog/erasure.ts';
import { documentKey } from '../../channels/catalog/document.ts';
import type {
  Coverage,
  EventJournal,
  JournalBatch,
  JournalQuery,
  JournalRecord,
  JournalStatus,
} from '../../channels/ports/event-journal.ts';
import type { Lease, Leases } from '../../channels/ports/lease.ts';
import { coverageAfter } from '../../channels/position/coverage.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { lookupKeysFor, lookupKeysOf } from '../../channels/subscription/lookup-keys.ts';

interface Row extends JournalRecord {
  readonly epoch: string;
}

function nameOf(epoch: string, { event }: JournalRecord): string {
  return `${epoch}|${event.tenant}|${event.subject}|${event.data.version}`;
}

/** Index of the first row at or after an offset. */
function firstFrom(rows: readonly Row[], offset: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A journal in memory that a test can make fail or hold up. */
export class MemoryEventJournal implements EventJournal, Leases {
  readonly isLog = false;
  /** Every method rejects, as if the store were away. */
  failing = false;
  /** Calls of `write` that were asked for, also those that failed. */
  readonly writes: (readonly JournalBatch[])[] = [];
  /** Writes wait for this; a test may set it to a promise of its own. */
  held: Promise<void> = Promise.resolve();
  /** Another array after each change. */
  #rows: readonly Row[] = [];
  #sorted: { readonly of: readonly Row[]; readonly byPartition: Map<string, readonly Row[]> } = {
    of: [],
    byPartition: new Map(),
  };
  /** Of `rows`: `epoch|tenant|urn|version`. */
  readonly #names = new Set<string>();
  readonly #erasures: Erasure[] = [];
  readonly #coverage = new Map<string, Map<number, Coverage>>();
  readonly #leases = new Map<string, { readonly holder: string; readonly untilMs: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async write(batches: readonly JournalBatch[]): Promise<void> {
    this.writes.push(batches);
    await this.held;
    this.#reach();
    for (const batch of batches) {
      const added = batch.records.filter((record) => {
        const name = nameOf(batch.epoch, record);
        const isNew = !this.#names.has(name);
        this.#names.add(name);
        return isNew;
      });
      this.#rows = [...this.#rows, ...added.map((record) => ({ ...record, epoch: batch.epoch }))];
      const ofEpoch = this.#coverage.get(batch.epoch) ?? new Map<number, Coverage>();
      ofEpoch.set(batch.partition, coverageAfter(ofEpoch.get(batch.partition), batch));
      this.#coverage.set(batch.epoch, ofEpoch);
    }
  }

  async coverage(epoch: string): Promise<readonly Coverage[]> {
    this.#reach();
    return [...(this.#coverage.get(epoch)?.values() ?? [])].toSorted((a, b) => a.partition - b.partition);
  }

  async read({ epoch, partition, from, to, tenant, terms, limit }: JournalQuery): Promise<readonly JournalRecord[]> {
    this.#reach();
    const wanted = new Set(lookupKeysFor(tenant, terms));
    const rows = this.#inOrder(epoch, partition);
    const found: JournalRecord[] = [];
    for (let index = firstFrom(rows, from); index < rows.length && found.length < limit; index++) {
      const { epoch: _epoch, ...record } = rows[index]!;
      if (record.offset >= to) break;
      const isWanted =
        terms === undefined
          ? record.event.tenant === tenant
          : lookupKeysOf(record.event).some((key) => wanted.has(key));
      if (isWanted && !isErased(record.event, this.#erasures)) found.push(record);
    }
    return found;
  }

  async latest(epoch: string, tenant: string, urns: readonly string[]): Promise<readonly JournalRecord[]> {
    this.#reach();
    const wanted = new Set(urns);
    const newest = new Map<string, Row>();
    for (const row of this.#rows) {
      if (isErased(row.event, this.#erasures)) continue;
      if (row.epoch !== epoch || row.event.tenant !== tenant || !wanted.has(row.event.subject)) continue;
      const key = documentKey(tenant, row.event.subject);
      if ((newest.get(key)?.event.data.version ?? 0) < row.event.data.version) newest.set(key, row);
    }
    return [...newest.values()].map(({ epoch: _epoch, ...record }) => record);
  }

  async retain(beforeMs: number, limit: number): Promise<number> {
    this.#reach();
    const removed = new Set<Row>();
    for (const row of this.#rows.toSorted((a, b) => a.offset - b.offset)) {
      const held = this.#coverage.get(row.epoch)?.get(row.partition);
      if (removed.size >= limit || row.appendedAtMs >= beforeMs || held === undefined || row.offset >= held.high)
        continue;
      this.#coverage.get(row.epoch)?.set(row.partition, { ...held, low: Math.max(held.low, row.offset + 1) });
      removed.add(row);
    }
    for (const row of removed) this.#names.delete(nameOf(row.epoch, row));
    this.#rows = this.#rows.filter((row) => !removed.has(row));
    return removed.size;
  }

  async erase(erasures: readonly Erasure[]): Promise<void> {
    this.#reach();
    this.#erasures.push(...erasures);
  }

  lease(name: string): Lease {
    const held = (): { readonly holder: string; readonly untilMs: number } | undefined => {
      this.#reach();
      const found = this.#leases.get(name);
      return found !== undefined && found.untilMs > this.#now() ? found : undefined;
    };
    return {
      take: async (holder, ttlMs) => {
        if ((held()?.holder ?? holder) !== holder) return false;
        this.#leases.set(name, { holder, untilMs: this.#now() + ttlMs });
        return true;
      },
      release: async (holder) => {
        if (held()?.holder === holder) this.#leases.delete(name);
      },
      holder: async () => held()?.holder,
    };
  }

  async status(epoch: string): Promise<JournalStatus> {
    this.#reach();
    const times = this.#rows.filter((row) => row.epoch === epoch).map(({ appendedAtMs }) => appendedAtMs);
    return {
      oldestAtMs: times.length === 0 ? undefined : Math.min(...times),
    };
  }

  async close(): Promise<void> {}

  #inOrder(epoch: string, partition: number): readonly Row[] {
    const name = `${epoch}|${partition}`;
    if (this.#sorted.of !== this.#rows) this.#sorted = { of: this.#rows, byPartition: new Map() };
    const held = this.#sorted.byPartition.get(name);
    if (held !== undefined) return held;
    const rows = this.#rows
      .filter((row) => row.epoch === epoch && row.partition === partition)
      .toSorted((a, b) => a.offset - b.offset);
    this.#sorted.byPartition.set(name, rows);
    return rows;
  }

  #reach(): void {
    if (this.failing) throw new HubError('storage-unavailable', 'the journal is away');
  }
}
