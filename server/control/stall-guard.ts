import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, Stopwatch } from '../../channels/ports/clock.ts';
import { every, type Loop } from '../turns/every.ts';

export interface StallGuardOptions {
  readonly clock: Clock & Stopwatch;
  /** Resolves when this process knows what was decided while it was frozen. */
  readonly drain: () => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

const lookEveryMs = 500;
/** Well below what it takes to notice a frozen node elsewhere. */
const stallMs = 2000;
const retryMs = 500;

/** By both clocks: a suspended machine's stopwatch stands, and a wall clock that was set back hides any pause. */
interface Moment {
  readonly elapsedMs: number;
  readonly wallMs: number;
}

function momentOf(clock: Clock & Stopwatch): Moment {
  return { elapsedMs: clock.elapsedMs(), wallMs: clock.now() };
}

/**
 * Notices that the process did not run (frozen, suspended, a blocked thread): when it resumes, events may be for
 * users whose rights ended meanwhile. Until it has read the control topic, nothing is sent and no session accepted.
 */
export class StallGuard {
  readonly #options: StallGuardOptions;
  readonly #stopping = new AbortController();
  #loop: Loop | undefined;
  #aliveAt: Moment;
  #draining: Promise<void> | undefined;

  constructor(options: StallGuardOptions) {
    this.#options = options;
    this.#aliveAt = momentOf(options.clock);
  }

  start(): void {
    this.#aliveAt = momentOf(this.#options.clock);
    this.#loop = every(lookEveryMs, () => this.#look());
  }

  stop(): void {
    void this.#loop?.stop();
    this.#stopping.abort();
  }

  /** What to wait for before anything is sent; undefined, as nearly always: nothing. Never rejects. */
  pending(): Promise<void> | undefined {
    this.#look();
    return this.#draining;
  }

  #look(): void {
    const now = momentOf(this.#options.clock);
    const hasStalled = now.elapsedMs - this.#aliveAt.elapsedMs > stallMs || now.wallMs - this.#aliveAt.wallMs > stallMs;
    this.#aliveAt = now;
    if (!hasStalled || this.#loop === undefined) return;
    this.#draining ??= this.#drain().finally(() => (this.#draining = undefined));
  }

  async #drain(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        return await this.#options.drain();
      } catch (error) {
        this.#options.onFault(error);
        await pause(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
