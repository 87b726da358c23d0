import { setTimeout as pause } from 'node:timers/promises';
import { erasureOf, isErased } from '../../channels/catalog/erasure.ts';
import { NewerForm } from '../../channels/forms/form-of.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import type { EventJournal, JournalBatch } from '../../channels/ports/event-journal.ts';
import type { EventLog, LogGap, LogRecord, LogTail } from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import { insist } from '../ingest/insist.ts';
import { isOfMessages } from '../ingest/taking.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { halved, journalBatches } from './journal-batches.ts';

/** One write: in embedded mode the event loop stands still for some 20 ms of it. */
const limits = { maxRecords: 250, maxBytes: 2 * 1024 * 1024 };
/** Batches of several partitions at once cost one round trip. */
const maxBatches = 16;
/** What is written in a trickle waits that long for more. */
const lingerMs = 20;
const firstRetryMs = 100;
const lastRetryMs = 5000;

export interface JournalFollowerOptions {
  readonly log: EventLog;
  readonly journal: EventJournal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** What is older need not be written any more. */
  readonly retentionMs: number;
  /** This node has to stop: see {@link NewerForm}. */
  readonly onNewer: (error: NewerForm) => void;
}

interface Waiting {
  readonly batch: JournalBatch;
  /** The tail may go on. */
  readonly done?: () => void;
}

/** Copies the log into the journal, from where the journal ends. The log waits for what is not durable yet. */
export class JournalFollower {
  readonly #options: JournalFollowerOptions;
  readonly #closing = new AbortController();
  readonly #waiting: Waiting[] = [];
  /** Of what the tail delivers. */
  #epoch: string;
  #tail: LogTail | undefined;
  #writing: Promise<void> | undefined;
  #writes = 0;

  constructor(options: JournalFollowerOptions) {
    this.#options = options;
    this.#epoch = options.log.epoch;
  }

  /** How often something was written. */
  get writes(): number {
    return this.#writes;
  }

  /** @throws storage-unavailable */
  async start(): Promise<void> {
    const { log, logger } = this.#options;
    const from = await this.#beginning();
    this.#tail = await log.tail({
      from,
      epoch: this.#epoch,
      onEpoch: ({ epoch, partitionCount }) => this.#enterEpoch(epoch, partitionCount),
      onRecords: (_partition, records) => this.#take(records),
      onGap: (gap) => this.#onGap(gap),
      onFault: (error) => logger.warn({ error }, 'the journal cannot read the log just now'),
    });
    logger.info({ epoch: this.#epoch, from }, 'writing the journal');
  }

  /** What is being written is finished; what waits is left to whoever follows next. */
  async close(): Promise<void> {
    this.#closing.abort();
    const closed = this.#tail?.close();
    for (const { done } of this.#waiting.splice(0)) done?.();
    await this.#writing;
    await closed;
  }

  /** Where the journal ends; but nothing that is gone from the log, or would be removed at once. */
  async #beginning(): Promise<Vector> {
    const { log, journal, clock, retentionMs } = this.#options;
    this.#epoch = log.epoch;
    const covered = new Map((await journal.coverage(this.#epoch)).map((each) => [each.partition, each.high]));
    const [starts, wanted] = await Promise.all([log.starts(), log.offsetsAt(clock.now() - retentionMs)]);
    if (log.epoch !== this.#epoch) return this.#beginning();
    const from = wanted.map((offset, partition) => Math.max(offset, covered.get(partition) ?? 0));
    for (const [partition, found] of starts.entries()) {
      const expected = covered.get(partition);
      if (expected !== undefined && expected < found) this.#onGap({ partition, expected, found });
    }
    const marked = [...from.keys()].filter((partition) => covered.get(partition) !== from[partition]);
    await journal.write(marked.map((partition) => this.#mark(partition, from[partition] ?? 0)));
    return from;
  }

  /** All of the epoch before is durable by now, as far as it could be read. */
  async #enterEpoch(epoch: string, partitionCount: number): Promise<void> {
    this.#options.logger.info({ epoch }, 'writing the journal of a new epoch');
    this.#epoch = epoch;
    await this.#isDurable(Array.from({ length: partitionCount }, (_, partition) => this.#mark(partition, 0)));
  }

  /** Covers the place where a partition begins, so that one in which nothing happens is covered, too. */
  #mark(partition: number, offset: number): JournalBatch {
    return { epoch: this.#epoch, partition, from: offset, to: offset, records: [] };
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
  #batchesOf(records: readonly LogRecord[]): readonly JournalBatch[] | undefined {
    const { logger, onNewer } = this.#options;
    try {
      return journalBatches(this.#epoch, records, limits, ({ partition, offset }) =>
        logger.warn({ partition, offset }, 'a record of the log is not an event; the journal leaves it out'),
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
        this.#options.metrics.journalRows.inc(batches.reduce((sum, { records }) => sum + records.length, 0));
      for (const { done } of next) done?.();
    }
    // in the turn in which nothing waits: whoever comes next begins anew
    this.#writing = undefined;
  }

  /** In the order in which they came, as many as one write takes. */
  #next(): readonly Waiting[] {
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
  async #isDurable(batches: readonly JournalBatch[]): Promise<boolean> {
    const { logger } = this.#options;
    for (let retryMs = firstRetryMs; !this.#closing.signal.aborted; retryMs = Math.min(retryMs * 2, lastRetryMs)) {
      try {
        await this.#write(await this.#withoutErased(batches));
        if (retryMs > firstRetryMs) logger.info({}, 'the journal is written again');
        return true;
      } catch (error) {
        if (retryMs === firstRetryMs || retryMs === lastRetryMs)
          logger.warn({ error }, 'the journal cannot be written just now; the log waits');
        await this.#pause(retryMs * (0.75 + Math.random() / 2));
      }
    }
    return false;
  }

  /** What a purge erases goes before the purge is written, so that after a crash both are done again. */
  async #withoutErased(batches: readonly JournalBatch[]): Promise<readonly JournalBatch[]> {
    const erasures = batches.flatMap(({ records }) => records.flatMap(({ event }) => erasureOf(event) ?? []));
    if (erasures.length === 0) return batches;
    await this.#options.journal.erase(erasures);
    return batches.map((batch) => ({
      ...batch,
      records: batch.records.filter(({ event }) => !isErased(event, erasures)),
    }));
  }

  /** What the store does not take is halved until the record at fault is alone; that one is a hole. */
  async #write(batches: readonly JournalBatch[]): Promise<void> {
    const isAlone = batches.length <= 1 && (batches[0]?.records.length ?? 0) <= 1;
    const write = (): Promise<void> => this.#options.journal.write(batches);
    try {
      await (isAlone ? insist(write) : write());
      this.#writes += 1;
    } catch (error) {
      const halves = isOfMessages(error) ? halved(batches) : undefined;
      if (halves !== undefined) for (const half of halves) await this.#write(half);
      else await this.#passOver(batches[0], error);
    }
  }

  /** @throws the fault, unless it is one of the record: coverage begins anew behind that */
  async #passOver(batch: JournalBatch | undefined, error: unknown): Promise<void> {
    const record = batch?.records[0];
    if (batch === undefined || record === undefined || !isOfMessages(error)) throw error;
    const { partition } = batch;
    const found = record.offset + 1;
    await this.#options.journal.write([{ ...batch, from: found, records: [] }]);
    this.#writes += 1;
    this.#options.logger.error({ error, partition, offset: record.offset }, 'the journal does not take a record');
    this.#onGap({ partition, expected: record.offset, found });
  }

  /** What comes after a hole replaces the coverage by itself: it begins behind its end. */
  #onGap(gap: LogGap): void {
    this.#options.metrics.journalHoles.inc();
    this.#options.logger.warn(
      { ...gap },
      'the log has lost records that the journal has not; nobody can resume before',
    );
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }
}
