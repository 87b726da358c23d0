import type { Stopwatch } from '../../channels/ports/clock.ts';
import { every, type Loop } from '../turns/every.ts';

/** A loop that must make progress whenever work waits for it. */
export interface WatchedLoop {
  /** As in logs, `/readyz` and metrics: `gateway`, `connector atlas`. */
  readonly name: string;
  /** Is there anything that this loop should be doing now? */
  readonly waits: () => boolean;
  /** Any value that is another one after each step forward, and the same after a step that was only tried. */
  readonly progress: () => unknown;
}

export interface ProgressWatchOptions {
  readonly stopwatch: Stopwatch;
  /** With work waiting and no progress for this long, a loop is stalled. */
  readonly stalledAfterMs: number;
  readonly onStalled: (name: string) => void;
  readonly onResumed: (name: string) => void;
}

interface Looked {
  progress: unknown;
  movedAtMs: number;
  stalled: boolean;
}

const lookEveryMs = 1000;

/**
 * Measures progress, not reachability: a loop that repeats the same
 * failure answers every ping. Loops are checked from outside, so that none can forget to report.
 */
export class ProgressWatch {
  readonly #options: ProgressWatchOptions;
  readonly #loops = new Map<WatchedLoop, Looked>();
  #loop: Loop | undefined;

  constructor(options: ProgressWatchOptions) {
    this.#options = options;
  }

  add(loop: WatchedLoop): void {
    this.#loops.set(loop, { progress: undefined, movedAtMs: this.#options.stopwatch.elapsedMs(), stalled: false });
  }

  start(): void {
    this.#loop = every(lookEveryMs, () => this.look());
  }

  stop(): void {
    void this.#loop?.stop();
  }

  /** Names of the loops that are stalled. */
  get stalled(): readonly string[] {
    return [...this.#loops].filter(([, { stalled }]) => stalled).map(([{ name }]) => name);
  }

  look(): void {
    const nowMs = this.#options.stopwatch.elapsedMs();
    for (const [loop, looked] of this.#loops) this.#lookAt(loop, looked, nowMs);
  }

  #lookAt(loop: WatchedLoop, looked: Looked, nowMs: number): void {
    const progress = loop.progress();
    if (!loop.waits() || progress !== looked.progress) {
      looked.progress = progress;
      looked.movedAtMs = nowMs;
    }
    const stalled = nowMs - looked.movedAtMs >= this.#options.stalledAfterMs;
    if (stalled === looked.stalled) return;
    looked.stalled = stalled;
    (stalled ? this.#options.onStalled : this.#options.onResumed)(loop.name);
  }
}
