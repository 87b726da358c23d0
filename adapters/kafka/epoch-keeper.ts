import { setTimeout as pause } from 'node:timers/promises';
import { asError } from '../../channels/base/thrown.ts';
import type { EpochStore, EpochWish, LogEpoch } from '../../channels/ports/epoch-store.ts';

export interface EpochKeeperOptions {
  readonly epochs: EpochStore;
  readonly current: LogEpoch;
  /** Whether the topic of an epoch is there. */
  readonly exists: (epoch: LogEpoch) => Promise<boolean>;
  readonly prepare: EpochWish['prepare'];
  /** A newer epoch is current. */
  readonly onChange: (epoch: LogEpoch) => void;
  readonly onFault: (error: Error) => void;
  /** How often the store is asked. Default 2 s. */
  readonly pollMs?: number;
}

/** A broker that has just started may not list everything yet: a topic counts as gone when it is missing so often. */
const missingLooks = 3;
const secondLookMs = 700;

/**
 * Knows which epoch is current. Asks the store periodically, and at once after an error with the topic; a
 * log that is gone, or is not the one that it was, makes it begin a new epoch by itself. Any number of processes do so
 * at the same time, and one wins.
 */
export class EpochKeeper {
  readonly #options: EpochKeeperOptions;
  readonly #stopping = new AbortController();
  #current: LogEpoch;
  #isDoubted = false;
  #isLost = false;
  #missing = 0;
  #wake: (() => void) | undefined;
  #done: Promise<void> = Promise.resolve();
  #lastFault = '';

  constructor(options: EpochKeeperOptions) {
    this.#options = options;
    this.#current = options.current;
  }

  start(): void {
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake?.();
    await this.#done;
  }

  /** Asks the store now. What it answers was current after the call. @throws storage-unavailable */
  async refresh(): Promise<LogEpoch> {
    const asked = this.#current;
    const newest = (await this.#options.epochs.since(asked.epoch)).at(-1);
    if (newest !== undefined && asked === this.#current) this.#adopt(newest);
    return this.#current;
  }

  /** The topic of this epoch gives trouble; perhaps it is gone. */
  doubt(epoch: string): void {
    if (epoch !== this.#current.epoch) return;
    this.#isDoubted = true;
    // while it is missing each look has its time, however loud the trouble is
    if (this.#missing === 0) this.#wake?.();
  }

  /** The topic of this epoch is not the log that it was. */
  lost(epoch: string): void {
    if (epoch !== this.#current.epoch) return;
    this.#isLost = true;
    this.#wake?.();
  }

  /** @throws storage-unavailable, log-mismatch */
  async begin(wish: Pick<EpochWish, 'partitionCount' | 'lost'>): Promise<LogEpoch> {
    const { epochs, prepare } = this.#options;
    const { epoch: after, place } = this.#current;
    await epochs.begin({ ...wish, after, place, prepare });
    return this.refresh();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#nextLook();
      try {
        if (!signal.aborted) await this.#look();
      } catch (error) {
        this.#fault(asError(error));
      }
    }
  }

  /** Sooner after trouble, but never without a breath: a topic that is gone is reported many times. */
  async #nextLook(): Promise<void> {
    const { pollMs = 2000 } = this.#options;
    const awake = new AbortController();
    const signal = AbortSignal.any([awake.signal, this.#stopping.signal]);
    this.#wake = () => awake.abort();
    await pause(this.#missing > 0 ? secondLookMs : pollMs, undefined, { signal }).catch(() => {});
    this.#wake = undefined;
    await pause(50, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  async #look(): Promise<void> {
    const before = this.#current;
    const { partitionCount } = before;
    if ((await this.refresh()) !== before) return;
    if (!this.#isLost && this.#isDoubted) await this.#lookForTopic(before);
    if (this.#isLost) await this.begin({ partitionCount, lost: true });
    this.#lastFault = '';
  }

  async #lookForTopic(epoch: LogEpoch): Promise<void> {
    const isThere = await this.#options.exists(epoch);
    if (epoch !== this.#current) return;
    this.#isDoubted = !isThere;
    this.#missing = isThere ? 0 : this.#missing + 1;
    this.#isLost = this.#missing >= missingLooks;
  }

  #adopt(epoch: LogEpoch): void {
    this.#current = epoch;
    [this.#isDoubted, this.#isLost, this.#missing] = [false, false, 0];
    this.#options.onChange(epoch);
  }

  /** A store that is down fails the same way each time: one report is enough. */
  #fault(error: Error): void {
    if (this.#stopping.signal.aborted || error.message === this.#lastFault) return;
    this.#lastFault = error.message;
    this.#options.onFault(error);
  }
}
