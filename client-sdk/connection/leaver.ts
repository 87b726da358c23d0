import type { Environment } from './environment.ts';
import type { Link } from './link.ts';

/** Ends what a hub serves on one link, again where the hub wants it slower. */
export class Leaver {
  readonly #environment: Environment;
  readonly #slowestMs: number;
  readonly #timers = new Set<() => void>();
  #link: Link | null = null;

  /** @param slowestMs how long to wait where the hub does not say it */
  constructor(environment: Environment, slowestMs: number) {
    this.#environment = environment;
    this.#slowestMs = slowestMs;
  }

  up(link: Link): void {
    this.#link = link;
  }

  down(): void {
    this.#link = null;
    for (const cancel of this.#timers) cancel();
  }

  /** Calls `done` when nothing more comes for it. */
  leave(name: 'unsubscribe' | 'unsearch', id: string, done: () => void): void {
    this.#link?.request(name, { id }, (answer) => {
      // another refusal does not matter: the hub may have ended it at the same moment
      if (answer.ok || !answer.error.retryable) return done();
      const cancel = this.#environment.setTimer(answer.error.retryAfterMs ?? this.#slowestMs, () => {
        this.#timers.delete(cancel);
        this.leave(name, id, done);
      });
      this.#timers.add(cancel);
    });
  }
}
