import { LRUCache } from 'lru-cache';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';

const allowedCloses = 3;
const windowMs = 60_000;
const backOffMs = 30_000;
const maxRemembered = 10_000;

/** Why a client was closed. */
export type Offence = 'slow' | 'flood';

const refusals: Readonly<Record<Offence, (retryAfterMs: number) => HubError>> = {
  slow: (retryAfterMs) =>
    new HubError(
      'slow-consumer',
      `closed ${allowedCloses} times within a minute for reading too slowly; read faster or subscribe to less`,
      { retryAfterMs },
    ),
  flood: (retryAfterMs) =>
    new HubError('rate-limited', `closed ${allowedCloses} times within a minute for sending too much; send less`, {
      retryAfterMs,
    }),
};

/**
 * Clients that were closed repeatedly because they read too slowly, or sent too much. One that comes back at once is
 * closed at once, and costs a full buffer or a handshake each time; after three times in a minute it has to wait.
 */
export class RepeatOffenders {
  readonly #stopwatch: Stopwatch;
  readonly #closedAtMs = new LRUCache<string, readonly number[]>({ max: maxRemembered });

  readonly #offence: Offence;

  constructor(offence: Offence, stopwatch: Stopwatch) {
    this.#offence = offence;
    this.#stopwatch = stopwatch;
  }

  record(client: string): void {
    this.#closedAtMs.set(client, [...this.#recent(client), this.#stopwatch.elapsedMs()].slice(-allowedCloses));
  }

  /** @throws HubError slow-consumer or rate-limited, with the time to wait */
  assertPatience(client: string): void {
    const recent = this.#recent(client);
    const last = recent.at(-1);
    if (recent.length < allowedCloses || last === undefined) return;
    const retryAfterMs = last + backOffMs - this.#stopwatch.elapsedMs();
    if (retryAfterMs > 0) throw refusals[this.#offence](retryAfterMs);
  }

  #recent(client: string): readonly number[] {
    const since = this.#stopwatch.elapsedMs() - windowMs;
    return (this.#closedAtMs.get(client) ?? []).filter((atMs) => atMs > since);
  }
}
