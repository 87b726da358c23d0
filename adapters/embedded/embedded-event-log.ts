import { randomUUID } from 'node:crypto';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import {
  type AppendResult,
  type EventLog,
  type LogRecord,
  type LogTail,
  type TailOptions,
} from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { EmbeddedEnvironment } from './embedded-environment.ts';
import { type ErasedPlaces, eraseRecords, placesOf } from './erase-records.ts';
import { type JournalTables, openJournalTables } from './journal-tables.ts';
import { type PreparedAppend, prepareAppend, writeAppend } from './log-append.ts';
import { RecentRecords } from './recent-records.ts';
import { EmbeddedTail, type TailLimits, type TailRead } from './embedded-tail.ts';
import {
  type LogTables,
  openLogTables,
  type PartitionState,
  recordTime,
  stateOf,
  storedRecords,
} from './log-tables.ts';

interface LogIdentity {
  readonly epoch: string;
  readonly partitionCount: number;
}

export interface EmbeddedEventLogOptions {
  readonly environment: EmbeddedEnvironment;
  readonly clock: Clock;
  /** Fixed when the folder is first used. */
  readonly partitionCount?: number;
  /** Refused if the folder holds another one. Absent: the stored one, or a new one. */
  readonly epoch?: string;
}

export interface LogAppend extends PreparedAppend {
  readonly erased: readonly ErasedPlaces[];
}

/** The log of the embedded mode, which can be written in the transaction of a commit. */
export interface EmbeddedLog extends EventLog {
  /**
   * Encodes events, and finds what they erase; what can throw throws here.
   * @throws limit-exceeded when a urn is too long for a key
   */
  prepare(events: readonly HubEvent[]): Promise<LogAppend>;
  /** In a write transaction of the same environment: appends to log and journal, and erases. */
  write(prepared: LogAppend): readonly (readonly LogRecord[])[];
  /** Shows tails what `write` gave, when the transaction is on the disk. */
  show(written: readonly (readonly LogRecord[])[]): void;
}

class EmbeddedEventLog implements EmbeddedLog {
  readonly epoch: string;
  readonly partitionCount: number;
  readonly topic = undefined;
  readonly #environment: EmbeddedEnvironment;
  readonly #clock: Clock;
  readonly #tables: LogTables;
  readonly #journal: JournalTables;
  readonly #recent: readonly RecentRecords[];
  readonly #tails = new Set<EmbeddedTail>();
  /** Per partition the end of what is flushed: tails show nothing beyond, so no reader holds an offset that a power cut takes back. */
  readonly #visible: number[];

  constructor(identity: LogIdentity, environment: EmbeddedEnvironment, clock: Clock) {
    this.epoch = identity.epoch;
    this.partitionCount = identity.partitionCount;
    this.#environment = environment;
    this.#clock = clock;
    this.#tables = openLogTables(environment);
    this.#journal = openJournalTables(environment);
    this.#recent = Array.from({ length: identity.partitionCount }, () => new RecentRecords());
    this.#visible = Array.from({ length: identity.partitionCount }, (_, partition) => this.#state(partition).next);
  }

  async append(events: readonly HubEvent[]): Promise<readonly AppendResult[]> {
    if (events.length === 0) return [];
    const prepared = await this.prepare(events);
    const written = await this.#environment.transact(() => this.write(prepared));
    this.show(written);
    const firsts = new Map(
      written.flatMap(([first]) => (first === undefined ? [] : [[first.partition, first.offset]])),
    );
    return prepared.places.map(({ partition, index }) => ({
      ok: true,
      partition,
      offset: (firsts.get(partition) ?? 0) + index,
    }));
  }

  async prepare(events: readonly HubEvent[]): Promise<LogAppend> {
    const prepared = prepareAppend(events, this.partitionCount, this.#environment.maxKeyBytes);
    const erased: ErasedPlaces[] = [];
    for (const erasure of prepared.erasures)
      erased.push(await placesOf(this.#environment, this.#tables, this.#journal, erasure));
    return { ...prepared, erased };
  }

  write(prepared: LogAppend): readonly (readonly LogRecord[])[] {
    for (const places of prepared.erased) eraseRecords(this.#tables, places);
    return writeAppend(this.#tables, this.#journal, prepared, this.#clock.now());
  }

  show(written: readonly (readonly LogRecord[])[]): void {
    for (const records of written) {
      const [first, last] = [records[0], records.at(-1)];
      if (first === undefined || last === undefined) continue;
      this.#recent[first.partition]?.add(records);
      this.#visible[first.partition] = Math.max(this.#visible[first.partition] ?? 0, last.offset + 1);
    }
    for (const tail of this.#tails) tail.wake();
  }

  async ends(): Promise<Vector> {
    return this.#environment.read(() => [...this.#visible]);
  }

  async starts(): Promise<Vector> {
    return this.#environment.read(() => this.#visible.map((_, partition) => this.#state(partition).start));
  }

  async offsetsAt(timeMs: number): Promise<Vector> {
    return this.#environment.read(() =>
      this.#visible.map((head, partition) => this.#offsetAt(partition, head, timeMs)),
    );
  }

  async beginEpoch(): Promise<never> {
    throw new HubError(
      'invalid-request',
      'embedded storage has one epoch per data folder; only a log in Kafka can begin a new one',
    );
  }

  async tail(options: TailOptions): Promise<LogTail> {
    const beyond = this.#visible.findIndex((head, partition) => (options.from[partition] ?? 0) > head);
    if (beyond >= 0) {
      throw new HubError(
        'log-mismatch',
        `offset ${options.from[beyond]} of partition ${beyond} is beyond the end of the log; the data folder was replaced by an older one`,
      );
    }
    const tail = new EmbeddedTail({
      ...options,
      partitionCount: this.partitionCount,
      ping: () => this.#environment.read(() => void this.#state(0)),
      head: (partition) => this.#visible[partition] ?? 0,
      read: (partition, from, limits) => this.#environment.read(() => this.#read(partition, from, limits)),
      onClosed: () => this.#tails.delete(tail),
    });
    this.#tails.add(tail);
    tail.start();
    return tail;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#tails].map((tail) => tail.close()));
  }

  #state(partition: number): PartitionState {
    return stateOf(this.#tables, partition);
  }

  /** Start and records are of one moment: retention may remove some in the next. */
  #read(partition: number, from: number, limits: TailLimits): TailRead {
    const { start } = this.#state(partition);
    const to = Math.min(this.#visible[partition] ?? 0, from + limits.maxRecords);
    const records: LogRecord[] = [];
    let bytes = 0;
    for (const record of this.#records(partition, Math.max(from, start), to)) {
      bytes += record.value.length;
      if (records.length > 0 && bytes > limits.maxBytes) break;
      records.push(record);
    }
    return { start, records };
  }

  #records(partition: number, from: number, to: number): Iterable<LogRecord> {
    return this.#recent[partition]?.from(from, to - from) ?? storedRecords(this.#tables, partition, from, to);
  }

  #offsetAt(partition: number, head: number, timeMs: number): number {
    let low = this.#state(partition).start;
    let high = head;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const atMs = recordTime(this.#tables, partition, middle);
      if (atMs !== undefined && atMs < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function assertSame(stored: LogIdentity, options: EmbeddedEventLogOptions): void {
  if (options.partitionCount !== undefined && options.partitionCount !== stored.partitionCount) {
    throw new HubError(
      'log-mismatch',
      `the data folder's log has ${stored.partitionCount} partitions, not ${options.partitionCount}; the count is fixed for an epoch, so configure ${stored.partitionCount}`,
    );
  }
  if (options.epoch !== undefined && options.epoch !== stored.epoch) {
    throw new HubError(
      'log-mismatch',
      `the data folder's log is of epoch ${stored.epoch}, not ${options.epoch}; use the folder that belongs to this deployment`,
    );
  }
}

/** A partition in which nothing has happened yet is covered by the journal, too. */
function coverAll(environment: EmbeddedEnvironment, partitionCount: number): Promise<void> {
  const [log, journal] = [openLogTables(environment), openJournalTables(environment)];
  return environment.transact(() => {
    for (let partition = 0; partition < partitionCount; partition++) {
      if (journal.coverage.doesExist(String(partition))) continue;
      const { start: low, next: high } = stateOf(log, partition);
      void journal.coverage.put(String(partition), { partition, low, high });
    }
  });
}

/**
 * The log of the embedded mode: tables of the environment, which stays open when the log is closed. Appends are atomic
 * (all results `ok`, or a rejection and nothing written) and write the journal
 * with the log. @throws log-mismatch, storage-unavailable
 */
export async function createEmbeddedEventLog(options: EmbeddedEventLogOptions): Promise<EmbeddedLog> {
  const { environment, clock } = options;
  const identities = environment.table<LogIdentity>('log-identity', { encoding: 'json' });
  const identity = await environment.transact(() => {
    const stored = identities.get('log');
    if (stored !== undefined) return stored;
    const fresh = { epoch: options.epoch ?? randomUUID().slice(0, 8), partitionCount: options.partitionCount ?? 4 };
    void identities.put('log', fresh);
    return fresh;
  });
  assertSame(identity, options);
  await coverAll(environment, identity.partitionCount);
  return new EmbeddedEventLog(identity, environment, clock);
}
