import type { Erasure } from '../../channels/catalog/erasure.ts';
import { readEvent } from '../../channels/event/upgrade-event.ts';
import type {
  Coverage,
  EventJournal,
  JournalBatch,
  JournalQuery,
  JournalRecord,
  JournalStatus,
} from '../../channels/ports/event-journal.ts';
import type { LogRecord } from '../../channels/ports/event-log.ts';
import { documentKey } from '../../channels/catalog/document.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { lookupKeysFor } from '../../channels/subscription/lookup-keys.ts';
import type { EmbeddedEnvironment } from './embedded-environment.ts';
import { prepareBatch, prepareOld, removeOld, writeBatch } from './embedded-journal-write.ts';
import { eraseRecords, placesOf } from './erase-records.ts';
import { type JournalTables, openJournalTables } from './journal-tables.ts';
import { findOffsets } from './find-offsets.ts';
import { erasedValue, type LogTables, openLogTables, stateOf, storedRecord, storedRecords } from './log-tables.ts';
import { keyHash } from './term-block.ts';

/** Records read or removed in one turn of the event loop: a few milliseconds. */
const recordsPerTurn = 200;

export interface EmbeddedEventJournalOptions {
  readonly environment: EmbeddedEnvironment;
  /** Of the log in the same environment. */
  readonly epoch: string;
}

class EmbeddedEventJournal implements EventJournal {
  readonly isLog = true;
  readonly #environment: EmbeddedEnvironment;
  readonly #epoch: string;
  readonly #tables: JournalTables;
  readonly #log: LogTables;

  constructor({ environment, epoch }: EmbeddedEventJournalOptions) {
    this.#environment = environment;
    this.#epoch = epoch;
    this.#tables = openJournalTables(environment);
    this.#log = openLogTables(environment);
  }

  async write(batches: readonly JournalBatch[]): Promise<void> {
    const foreign = batches.find(({ epoch }) => epoch !== this.#epoch);
    if (foreign !== undefined)
      throw new HubError('log-mismatch', `the data folder has epoch ${this.#epoch}, not ${foreign.epoch}`);
    const prepared = batches.map((batch) => prepareBatch(batch, this.#environment.maxKeyBytes));
    await this.#environment.transact(() => {
      for (const batch of prepared) writeBatch(this.#tables, batch);
    });
  }

  coverage(epoch: string): Promise<readonly Coverage[]> {
    return this.#environment.read(() => (epoch === this.#epoch ? this.#allCoverage() : []));
  }

  async read({ epoch, partition, tenant, terms, limit, ...wanted }: JournalQuery): Promise<readonly JournalRecord[]> {
    const { turns } = this.#environment;
    const hashes = new Set(lookupKeysFor(tenant, terms).map(keyHash));
    const { low, high } = await this.#coverageOf(epoch, partition);
    const to = Math.min(wanted.to, high);
    const found: JournalRecord[] = [];
    for (let from = Math.max(wanted.from, low); from < to && found.length < limit;) {
      if (turns.isOver) await turns.next(tenant);
      const query = { partition, from, to, hashes, limit: Math.min(recordsPerTurn, limit - found.length) };
      const page = await this.#environment.read(() => findOffsets(this.#tables, query));
      const records = await this.#environment.read(() => page.offsets.flatMap((each) => this.#record(partition, each)));
      // two tenants may share a hash
      found.push(...records.filter(({ event }) => event.tenant === tenant));
      from = page.next;
    }
    return found;
  }

  async latest(epoch: string, tenant: string, urns: readonly string[]): Promise<readonly JournalRecord[]> {
    const wanted = epoch === this.#epoch ? [...new Set(urns)] : [];
    const { turns } = this.#environment;
    const found: JournalRecord[] = await this.#environment.read(() => []);
    for (let i = 0; i < wanted.length; i += recordsPerTurn) {
      const slice = wanted.slice(i, i + recordsPerTurn);
      if (turns.isOver) await turns.next(tenant);
      found.push(...(await this.#environment.read(() => slice.flatMap((urn) => this.#newest(tenant, urn)))));
    }
    return found;
  }

  async retain(beforeMs: number, limit: number): Promise<number> {
    let removed = 0;
    for (const { partition } of await this.coverage(this.#epoch)) {
      let count: number;
      do {
        count = await this.#removeSome(partition, beforeMs, Math.min(recordsPerTurn, limit - removed));
        removed += count;
      } while (count > 0);
    }
    return removed;
  }

  async erase(erasures: readonly Erasure[]): Promise<void> {
    for (const erasure of erasures) {
      const places = await placesOf(this.#environment, this.#log, this.#tables, erasure);
      if (places.offsets.length > 0) await this.#environment.transact(() => eraseRecords(this.#log, places));
    }
  }

  status(epoch: string): Promise<JournalStatus> {
    return this.#environment.read(() => {
      const covered = epoch === this.#epoch ? this.#allCoverage() : [];
      const oldest = covered.flatMap(({ partition, low, high }) => this.#first(partition, low, high) ?? []);
      const times = oldest.map(({ appendedAtMs }) => appendedAtMs);
      return { oldestAtMs: times.length === 0 ? undefined : Math.min(...times) };
    });
  }

  /** The environment belongs to its opener and stays open. */
  async close(): Promise<void> {}

  #allCoverage(): readonly Coverage[] {
    const all = [...this.#tables.coverage.getRange()].map(({ value }) => value);
    return all.toSorted((a, b) => a.partition - b.partition);
  }

  #coverageOf(epoch: string, partition: number): Promise<Coverage> {
    const held = (): Coverage | undefined => this.#tables.coverage.get(String(partition));
    return this.#environment.read(() => (epoch === this.#epoch ? held() : undefined) ?? { partition, low: 0, high: 0 });
  }

  #record(partition: number, offset: number): readonly JournalRecord[] {
    const stored = storedRecord(this.#log, partition, offset);
    return stored === undefined || stored.value === erasedValue ? [] : [journalRecord(stored)];
  }

  #newest(tenant: string, urn: string): readonly JournalRecord[] {
    const newest = this.#tables.entities.get(documentKey(tenant, urn));
    return newest === undefined ? [] : this.#record(newest.partition, newest.offset);
  }

  #first(partition: number, low: number, high: number): LogRecord | undefined {
    for (const record of storedRecords(this.#log, partition, low, high)) return record;
    return undefined;
  }

  async #removeSome(partition: number, beforeMs: number, limit: number): Promise<number> {
    const old = await this.#environment.read(() => this.#old(partition, beforeMs, limit).map(prepareOld));
    if (old.length > 0) await this.#environment.transact(() => removeOld(this.#tables, this.#log, partition, old));
    return old.length;
  }

  #old(partition: number, beforeMs: number, limit: number): readonly LogRecord[] {
    const high = this.#tables.coverage.get(String(partition))?.high ?? 0;
    const old: LogRecord[] = [];
    for (const record of storedRecords(this.#log, partition, stateOf(this.#log, partition).start, high)) {
      if (record.appendedAtMs >= beforeMs || old.length === limit) break;
      old.push(record);
    }
    return old;
  }
}

function journalRecord({ partition, offset, appendedAtMs, value }: LogRecord): JournalRecord {
  return { partition, offset, appendedAtMs, event: readEvent(value), text: value };
}

/**
 * The journal of the embedded mode: an index over the records of the log in the same environment, which it also trims.
 * It takes only what the log has, so it has the log's epoch alone. Closing it leaves the environment open.
 */
export function createEmbeddedEventJournal(options: EmbeddedEventJournalOptions): EventJournal {
  return new EmbeddedEventJournal(options);
}
