import { every, type Loop } from '../../turns/every.ts';

/** A position costs about 10 µs for each connection: 2 % of a CPU for ten thousand. */
export const cursorEveryMs = 5000;

export interface CursorBeatOptions {
  readonly everyMs: number;
  /** Runs work when no tick is half done. */
  readonly atBoundary: (work: () => void) => void;
  /** Sends the current position to all sessions. */
  readonly publish: () => void;
}

/**
 * Sends the position to all sessions. It is exact by order: everything it covers was written to each socket
 * before it. It is sent whether or not anything has happened: otherwise its timing would reveal the activity of
 * others.
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
