import { randomUUID } from 'node:crypto';
import { eventText } from '../../channels/event/event-text.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import {
  type AppendResult,
  type EventLog,
  type LogRecord,
  type LogTail,
  partitionOf,
  type TailOptions,
} from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { EmbeddedEnvironment } from './embedded-environment.ts';
import { EmbeddedTail, type TailLimits, type TailRead } from './embedded-tail.ts';
import {
  encodeRecord,
  type LogTables,
  openLogTables,
  type PartitionState,
  recordKey,
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

class EmbeddedEventLog implements EventLog {
  readonly epoch: string;
  readonly partitionCount: number;
  readonly topic = undefined;
  readonly #environment: EmbeddedEnvironment;
  readonly #clock: Clock;
  readonly #tables: LogTables;
  readonly #tails = new Set<EmbeddedTail>();
  /** Per partition the end of what is flushed: tails show nothing beyond, so no reader holds an offset that a power cut takes back. */
  readonly #visible: number[];

  constructor(identity: LogIdentity, environment: EmbeddedEnvironment, clock: Clock) {
    this.epoch = identity.epoch;
    this.partitionCount = identity.partitionCount;
    this.#environment = environment;
    this.#clock = clock;
    this.#tables = openLogTables(environment);
    this.#visible = Array.from({ length: identity.partitionCount }, (_, partition) => this.#state(partition).next);
  }

  async append(events: readonly HubEvent[]): Promise<readonly AppendResult[]> {
    if (events.length === 0) return [];
    const encoded = events.map((event) => ({
      partition: partitionOf(event.tenant, event.subject, this.partitionCount),
      value: eventText(event),
    }));
    const results = await this.#environment.transact(() => this.#write(encoded));
    this.#show(results);
    return results.map((result) => ({ ok: true, ...result }));
  }

  async heads(): Promise<Vector> {
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
      'embedded storage has one epoch for its data folder; only a log in Kafka can begin a new one',
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

  /** Inside the write transaction: offsets come from the stored state, so a failed append leaves no hole. */
  #write(
    encoded: readonly { readonly partition: number; readonly value: string }[],
  ): { partition: number; offset: number }[] {
    const nowMs = this.#clock.now();
    const states = new Map<number, PartitionState>();
    const results = encoded.map(({ partition, value }) => {
      const state = states.get(partition) ?? this.#state(partition);
      // Never back in time within a partition, so that offsetsAt can halve the range.
      const atMs = Math.max(nowMs, state.lastAtMs);
      void this.#tables.records.put(recordKey(partition, state.next), encodeRecord(atMs, value));
      states.set(partition, { start: state.start, next: state.next + 1, lastAtMs: atMs });
      return { partition, offset: state.next };
    });
    for (const [partition, state] of states) void this.#tables.partitions.put(String(partition), state);
    return results;
  }

  #show(results: readonly { readonly partition: number; readonly offset: number }[]): void {
    for (const { partition, offset } of results)
      this.#visible[partition] = Math.max(this.#visible[partition] ?? 0, offset + 1);
    for (const tail of this.#tails) tail.wake();
  }

  /** Start and records are of one moment: retention may remove some in the next. */
  #read(partition: number, from: number, limits: TailLimits): TailRead {
    const { start } = this.#state(partition);
    const to = Math.min(this.#visible[partition] ?? 0, from + limits.maxRecords);
    const records: LogRecord[] = [];
    let bytes = 0;
    for (const record of storedRecords(this.#tables, partition, Math.max(from, start), to)) {
      bytes += record.value.length;
      if (records.length > 0 && bytes > limits.maxBytes) break;
      records.push(record);
    }
    return { start, records };
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

/**
 * The log of the embedded mode: tables of the environment, which stays open when the log is closed. Appends are atomic
 * (all results `ok`, or a rejection and nothing written). @throws log-mismatch, storage-unavailable
 */
export async function createEmbeddedEventLog(options: EmbeddedEventLogOptions): Promise<EventLog> {
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
  return new EmbeddedEventLog(identity, environment, clock);
}
