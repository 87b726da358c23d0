import type { Clock } from '../../channels/ports/clock.ts';

export interface Expiring {
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** Its time has come. Called once. */
  expire(): void;
}

/**
 * Calls each when its time has come, to the second. One timer looks after all: a timer for each session of a node would
 * take 400 bytes a session.
 */
export class Expiries {
  readonly #clock: Clock;
  readonly #bySecond = new Map<number, Set<Expiring>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(one: Expiring): void {
    const second = secondOf(one);
    const others = this.#bySecond.get(second);
    if (others === undefined) this.#bySecond.set(second, new Set([one]));
    else others.add(one);
    this.#arm();
  }

  /** With the `expiresAtMs` that it was added with. */
  remove(one: Expiring): void {
    const second = secondOf(one);
    const others = this.#bySecond.get(second);
    others?.delete(one);
    if (others?.size === 0) this.#bySecond.delete(second);
    if (this.#bySecond.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#bySecond.size === 0) return;
    this.#timer = setTimeout(() => this.#look(), 1000 - (this.#clock.now() % 1000));
    this.#timer.unref();
  }

  #look(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const [second, expiring] of this.#bySecond) {
      if (second * 1000 > now) continue;
      this.#bySecond.delete(second);
      for (const one of expiring) one.expire();
    }
    this.#arm();
  }
}

/** The first whole second in which it is over. */
function secondOf({ expiresAtMs }: Expiring): number {
  return Math.ceil(expiresAtMs / 1000);
}
