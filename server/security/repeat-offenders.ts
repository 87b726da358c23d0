import { LRUCache } from 'lru-cache';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';

const allowedCloses = 3;
const windowMs = 60_000;
const backOffMs = 30_000;
const maxRemembered = 10_000;

/**
 * Clients that were closed again and again because they read too slowly. One that comes back at once is closed at once,
 * and costs a full buffer each time; after three times in a minute it is told to wait.
 */
export class RepeatOffenders {
  readonly #stopwatch: Stopwatch;
  readonly #closedAtMs = new LRUCache<string, readonly number[]>({ max: maxRemembered });

  constructor(stopwatch: Stopwatch) {
    this.#stopwatch = stopwatch;
  }

  record(client: string): void {
    this.#closedAtMs.set(client, [...this.#recent(client), this.#stopwatch.elapsedMs()].slice(-allowedCloses));
  }

  /** @throws HubError slow-consumer with the time to wait */
  assertPatience(client: string): void {
    const recent = this.#recent(client);
    const last = recent.at(-1);
    if (recent.length < allowedCloses || last === undefined) return;
    const retryAfterMs = last + backOffMs - this.#stopwatch.elapsedMs();
    if (retryAfterMs <= 0) return;
    throw new HubError(
      'slow-consumer',
      `closed ${allowedCloses} times within a minute for reading too slowly; read faster or subscribe to less`,
      { retryAfterMs },
    );
  }

  #recent(client: string): readonly number[] {
    const since = this.#stopwatch.elapsedMs() - windowMs;
    return (this.#closedAtMs.get(client) ?? []).filter((atMs) => atMs > since);
  }
}
