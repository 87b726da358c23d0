import { setTimeout as pause } from 'node:timers/promises';
import { NewerForm } from '../../channels/forms/form-of.ts';
import type { EventLog, LogGap, LogRecord, LogTail } from '../../channels/ports/event-log.ts';
import { insist } from '../ingest/insist.ts';
import { isOfMessages } from '../ingest/taking.ts';
import type { Logger } from '../observability/logger.ts';
import { halved, logBatches, type WriteLimits } from './log-batches.ts';
import type { LogBatch, LogSink } from './log-sink.ts';

/** One write: a sink in the same process keeps the event loop for some 20 ms of it. */
const usualLimits: WriteLimits = { maxRecords: 250, maxBytes: 2 * 1024 * 1024 };
/** Batches of several partitions at once cost one round trip. */
const maxBatches = 16;
/** What is written in a trickle waits that long for more. */
const lingerMs = 20;
const firstRetryMs = 100;
const lastRetryMs = 5000;

export interface LogFollowerOptions {
  readonly log: EventLog;
  readonly sink: LogSink;
  readonly logger: Logger;
  /** Of one write. @default 250 records or 2 MiB */
  readonly limits?: WriteLimits;
  /** So many events are durable in the sink. */
  readonly onWritten: (events: number) => void;
  /** The log has lost records before the sink had them, or the sink cannot take one. */
  readonly onHole: (gap: LogGap) => void;
  /** This node has to stop: see {@link NewerForm}. */
  readonly onNewer: (error: NewerForm) => void;
}

interface PendingBatch {
  readonly batch: LogBatch;
  /** The tail may continue. */
  readonly done?: () => void;
}

/** Copies the log into a sink, from where the sink ends. The log waits for what is not durable yet. */
export class LogFollower {
  readonly #options: LogFollowerOptions;
  readonly #closing = new AbortController();
  readonly #waiting: PendingBatch[] = [];
  /** Of what the tail delivers. */
  #epoch: string;
  #tail: LogTail | undefined;
  #writing: Promise<void> | undefined;
  #writes = 0;

  constructor(options: LogFollowerOptions) {
    this.#options = options;
    this.#epoch = options.log.epoch;
  }

  /** How often something was written. */
  get writes(): number {
    return this.#writes;
  }

  /** @throws storage-unavailable */
  async start(): Promise<void> {
    const { log, sink, logger, onHole } = this.#options;
    const { epoch, vector: from } = await sink.from();
    this.#epoch = epoch;
    this.#tail = await log.tail({
      from,
      epoch,
      onEpoch: (next) => this.#enterEpoch(next.epoch, next.partitionCount),
      onRecords: (_partition, records) => this.#take(records),
      onGap: onHole,
      onFault: (error) => logger.warn({ error }, `${sink.name} cannot read the log; retrying`),
    });
    logger.info({ epoch, from }, `writing ${sink.name}`);
  }

  /** Finishes the current write; what waits is left to the next follower. */
  async close(): Promise<void> {
    this.#closing.abort();
    const closed = this.#tail?.close();
    for (const { done } of this.#waiting.splice(0)) done?.();
    await this.#writing;
    await closed;
  }

  /** All of the epoch before is durable by now, as far as it could be read. */
  async #enterEpoch(epoch: string, partitionCount: number): Promise<void> {
    const { logger, sink } = this.#options;
    logger.info({ epoch }, `writing ${sink.name} in a new epoch`);
    this.#epoch = epoch;
    // one in which nothing happens is covered, too
    const beginnings = Array.from({ length: partitionCount }, (_, partition) => ({ epoch, partition, from: 0, to: 0 }));
    await this.#isDurable(beginnings.map((place) => ({ ...place, records: [] })));
  }

  #take(records: readonly LogRecord[]): Promise<void> | undefined {
    const batches = this.#batchesOf(records);
    if (batches === undefined) return this.#closed();
    if (batches.length === 0 || this.#closing.signal.aborted) return undefined;
    return new Promise((done) => {
      for (const [index, batch] of batches.entries())
        this.#waiting.push(index === batches.length - 1 ? { batch, done } : { batch });
      this.#writing ??= this.#writeAll();
    });
  }

  /** The tail waits until then, and reads no further. */
  #closed(): Promise<void> {
    const { signal } = this.#closing;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** undefined where an event of a newer release is among them: neither it nor what follows is for this node to copy. */
  #batchesOf(records: readonly LogRecord[]): readonly LogBatch[] | undefined {
    const { logger, sink, onNewer, limits = usualLimits } = this.#options;
    try {
      return logBatches(this.#epoch, records, limits, ({ partition, offset }) =>
        logger.warn({ partition, offset }, `a log record is not an event; ${sink.name} skips it`),
      );
    } catch (error) {
      if (!(error instanceof NewerForm)) throw error;
      onNewer(error);
      return undefined;
    }
  }

  async #writeAll(): Promise<void> {
    await this.#pause(lingerMs);
    while (this.#waiting.length > 0) {
      const next = this.#next();
      const batches = next.map(({ batch }) => batch);
      if (await this.#isDurable(batches))
        this.#options.onWritten(batches.reduce((sum, { records }) => sum + records.length, 0));
      for (const { done } of next) done?.();
    }
    // in the same turn in which nothing waits: the next caller starts a new write
    this.#writing = undefined;
  }

  /** In the order in which they came, as many as one write takes. */
  #next(): readonly PendingBatch[] {
    const { limits = usualLimits } = this.#options;
    let records = 0;
    let bytes = 0;
    const beyond = this.#waiting.findIndex(({ batch }, index) => {
      records += batch.records.length;
      bytes += batch.records.reduce((sum, { text }) => sum + text.length, 0);
      return index > 0 && (index === maxBatches || records > limits.maxRecords || bytes > limits.maxBytes);
    });
    return this.#waiting.splice(0, beyond < 0 ? this.#waiting.length : beyond);
  }

  /** Tries until it is; false when the follower is closed before. */
  async #isDurable(batches: readonly LogBatch[]): Promise<boolean> {
    const { logger, sink } = this.#options;
    for (let retryMs = firstRetryMs; !this.#closing.signal.aborted; retryMs = Math.min(retryMs * 2, lastRetryMs)) {
      try {
        await this.#write(batches);
        if (retryMs > firstRetryMs) logger.info({}, `writing ${sink.name} has recovered`);
        return true;
      } catch (error) {
        if (retryMs === firstRetryMs || retryMs === lastRetryMs)
          logger.warn({ error }, `${sink.name} cannot be written; retrying, its consumer lag grows`);
        await this.#pause(retryMs * (0.75 + Math.random() / 2));
      }
    }
    return false;
  }

  /** What the store does not take is halved until the record at fault is alone; that one is a hole. */
  async #write(batches: readonly LogBatch[]): Promise<void> {
    const isAlone = batches.length <= 1 && (batches[0]?.records.length ?? 0) <= 1;
    const write = (): Promise<void> => this.#options.sink.write(batches);
    try {
      await (isAlone ? insist(write) : write());
      this.#writes += 1;
    } catch (error) {
      const halves = isOfMessages(error) ? halved(batches) : undefined;
      if (halves !== undefined) for (const half of halves) await this.#write(half);
      else await this.#passOver(batches[0], error);
    }
  }

  /** @throws the fault, unless it is one of the record: the sink continues behind that */
  async #passOver(batch: LogBatch | undefined, error: unknown): Promise<void> {
    const record = batch?.records[0];
    if (batch === undefined || record === undefined || !isOfMessages(error)) throw error;
    const { partition } = batch;
    const found = record.offset + 1;
    await this.#options.sink.write([{ ...batch, from: found, records: [] }]);
    this.#writes += 1;
    const { logger, sink, onHole } = this.#options;
    logger.error({ error, partition, offset: record.offset }, `${sink.name} rejected a record`);
    onHole({ partition, expected: record.offset, found });
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }
}
