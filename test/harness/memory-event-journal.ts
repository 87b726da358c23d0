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

function isSame(row: Row, epoch: string, { event }: JournalRecord): boolean {
  const { tenant, subject, data } = row.event;
  const sameEntity = row.epoch === epoch && tenant === event.tenant && subject === event.subject;
  return sameEntity && data.version === event.data.version;
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
  #rows: Row[] = [];
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
      for (const record of batch.records) {
        if (!this.#rows.some((row) => isSame(row, batch.epoch, record)))
          this.#rows.push({ ...record, epoch: batch.epoch });
      }
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
    return this.#sorted(
      (row) =>
        row.epoch === epoch &&
        !isErased(row.event, this.#erasures) &&
        row.partition === partition &&
        row.offset >= from &&
        row.offset < to &&
        lookupKeysOf(row.event).some((key) => wanted.has(key)),
    ).slice(0, Math.max(0, limit));
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

  #sorted(matches: (row: Row) => boolean): readonly JournalRecord[] {
    return this.#rows
      .filter(matches)
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ epoch: _epoch, ...record }) => record);
  }

  #reach(): void {
    if (this.failing) throw new HubError('storage-unavailable', 'the journal is away');
  }
}
