import { every, type Loop } from '../../turns/every.ts';

/** A position costs about 10 µs for each connection: 2 % of a CPU for ten thousand. */
export const cursorEveryMs = 5000;

export interface CursorBeatOptions {
  readonly everyMs: number;
  /** Runs work when no tick is half done. */
  readonly atBoundary: (work: () => void) => void;
  /** Sends the position of this moment to everybody. */
  readonly publish: () => void;
}

/**
 * Tells everybody how far they have been served. Order makes it exact: what the position covers was written to each socket
 * before it. It beats whether or not anything has happened: otherwise whoever sees nothing of the catalog would see when
 * others are at work.
 */
export class CursorBeat {
  readonly #options: CursorBeatOptions;
  #loop: Loop | undefined;

  constructor(options: CursorBeatOptions) {
    this.#options = options;
  }

  start(): void {
    const { everyMs, atBoundary, publish } = this.#options;
    this.#loop = every(everyMs, () => atBoundary(publish));
  }

  stop(): void {
    void this.#loop?.stop();
  }
}
