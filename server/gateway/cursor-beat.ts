import type { Stopwatch } from '../../channels/ports/clock.ts';

export interface CursorBeatOptions {
  readonly stopwatch: Stopwatch;
  /** How many connections hear of each. */
  readonly connections: () => number;
  /** Runs work when no tick is half done. */
  readonly atBoundary: (work: () => void) => void;
  /** Sends the position of this moment to everybody. */
  readonly publish: () => void;
}

const [leastMs, mostMs] = [1000, 5000];
/** A position costs about 10 µs for each connection: so it takes 3 % of a CPU at most. */
const connectionsPerMs = 3;
/** At the end of a tick the position goes out with the events, in one write to a socket. Only an idle log waits alone. */
const aloneAfterMs = 100;

/**
 * Tells everybody how far they have been served, at most once a second, and less often where they are many. Order makes it exact: what the position covers
 * was written to each socket before it.
 */
export class CursorBeat {
  readonly #options: CursorBeatOptions;
  #lastMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CursorBeatOptions) {
    this.#options = options;
  }

  /** The position has moved, and no tick is half done. */
  moved(): void {
    const everyMs = Math.min(mostMs, Math.max(leastMs, this.#options.connections() / connectionsPerMs));
    const dueInMs = this.#lastMs + everyMs - this.#options.stopwatch.elapsedMs();
    if (dueInMs <= 0) return this.#beat();
    this.#timer ??= setTimeout(() => this.#options.atBoundary(() => this.#beat()), dueInMs + aloneAfterMs).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #beat(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastMs = this.#options.stopwatch.elapsedMs();
    this.#options.publish();
  }
}
