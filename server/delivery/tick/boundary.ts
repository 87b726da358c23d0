import type { Logger } from '../../observability/logger.ts';

/** Between two ticks: what is done there sees everything before its position published, and nothing behind it. */
export class Boundary {
  readonly #logger: Logger;
  /** Between taking events and having published them. */
  #publishing = false;
  #work: (() => void)[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Runs `work` when no tick is half done: now, or as soon as the one under way has been published. */
  at(work: () => void): void {
    if (this.#publishing) this.#work.push(work);
    else work();
  }

  /** A tick has taken events. */
  leave(): void {
    this.#publishing = true;
  }

  /** It has published them; `work` that waited runs in this turn. */
  reach(): void {
    this.#publishing = false;
    for (const work of this.#work.splice(0)) {
      try {
        work();
      } catch (error) {
        this.#logger.error({ error }, 'work between two ticks failed');
      }
    }
  }
}
