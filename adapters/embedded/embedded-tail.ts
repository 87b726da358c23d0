import { asError } from '../../channels/base/thrown.ts';
import type { LogRecord, LogTail, TailOptions } from '../../channels/ports/event-log.ts';

const limits = { maxRecords: 512, maxBytes: 1024 * 1024 } as const;
const contactEveryMs = 500;
const retryAfterMs = 1000;

export interface TailLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

export interface TailRead {
  /** First offset still kept. */
  readonly start: number;
  /** Without a hole, from the offset wanted or from `start`, whichever is later. */
  readonly records: readonly LogRecord[];
}

export interface EmbeddedTailOptions extends TailOptions {
  readonly partitionCount: number;
  /** Rejects when the log cannot be read. */
  readonly ping: () => Promise<void>;
  /** End of what may be shown. */
  readonly head: (partition: number) => number;
  readonly read: (partition: number, from: number, limits: TailLimits) => Promise<TailRead>;
  readonly onClosed: () => void;
}

/** One reader of the embedded log: a loop for each partition that sleeps until an append in this process wakes it. */
export class EmbeddedTail implements LogTail {
  readonly #options: EmbeddedTailOptions;
  #sleepers: (() => void)[] = [];
  readonly #onClose: (() => void)[] = [];
  #loops: readonly Promise<void>[] = [];
  #contact: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: EmbeddedTailOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loops = Array.from({ length: this.#options.partitionCount }, (_, partition) => this.#follow(partition));
    // The log is in this process: it can be read as long as the environment answers.
    this.#contact = setInterval(() => void this.#reach(), contactEveryMs);
    this.#contact.unref();
  }

  /** There may be something new. */
  wake(): void {
    const sleepers = this.#sleepers;
    this.#sleepers = [];
    for (const resume of sleepers) resume();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#contact);
    this.wake();
    for (const end of this.#onClose) end();
    await Promise.all(this.#loops);
    this.#options.onClosed();
  }

  async #reach(): Promise<void> {
    try {
      await this.#options.ping();
      if (!this.#closed) this.#options.onContact?.();
    } catch (error) {
      if (!this.#closed) this.#options.onFault?.(asError(error));
    }
  }

  async #follow(partition: number): Promise<void> {
    let next = this.#options.from[partition] ?? 0;
    // Callbacks never run inside the call of `tail`: its caller does not have the tail yet.
    await nextTurn();
    while (!this.#closed) {
      try {
        if (next < this.#options.head(partition)) next = await this.#step(partition, next);
        else await this.#sleep();
      } catch (error) {
        this.#options.onFault?.(asError(error));
        await this.#pause();
      }
    }
  }

  async #step(partition: number, expected: number): Promise<number> {
    const { start, records } = await this.#options.read(partition, expected, limits);
    if (this.#closed) return expected;
    if (start > expected) {
      this.#options.onGap({ partition, expected, found: start });
      return start;
    }
    if (records.length === 0) throw new Error(`partition ${partition} of the log has no record at offset ${expected}`);
    this.#options.onContact?.();
    await this.#options.onRecords(partition, records);
    // A consumer that answers at once must not keep the event loop from the others.
    await nextTurn();
    return expected + records.length;
  }

  /** Until woken. */
  #sleep(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#sleepers.push(resolve));
  }

  /** A while, whatever is appended meanwhile; only closing ends it sooner. */
  #pause(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, retryAfterMs);
      this.#onClose.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
