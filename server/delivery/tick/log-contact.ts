import type { Stopwatch } from '../../../channels/ports/clock.ts';
import type { Logger } from '../../observability/logger.ts';
import { every, type Loop } from '../../turns/every.ts';

/** Longer than a tail may be without an answer of a log that is there. */
const staleAfterMs = 5000;

export interface LogContactOptions {
  readonly clock: Stopwatch;
  readonly logger: Logger;
  /** The log cannot be read any more, or can again. */
  readonly onState: (state: 'up' | 'down') => void;
}

/** Knows whether the log can be read: a tail that has heard nothing of it for some seconds cannot. */
export class LogContact {
  readonly #options: LogContactOptions;
  #atMs: number;
  #stale = false;
  #watch: Loop | undefined;

  constructor(options: LogContactOptions) {
    this.#options = options;
    this.#atMs = options.clock.elapsedMs();
  }

  start(): void {
    this.#watch = every(1000, () => this.#check());
  }

  stop(): void {
    void this.#watch?.stop();
  }

  /** False while the log cannot be read. */
  get fresh(): boolean {
    return !this.#stale;
  }

  /** The log has answered. */
  heard(): void {
    this.#atMs = this.#options.clock.elapsedMs();
    if (!this.#stale) return;
    this.#stale = false;
    this.#options.onState('up');
  }

  #check(): void {
    const { clock, logger, onState } = this.#options;
    if (this.#stale || clock.elapsedMs() - this.#atMs < staleAfterMs) return;
    this.#stale = true;
    logger.warn({}, 'the log cannot be read; clients are notified');
    onState('down');
  }
}
