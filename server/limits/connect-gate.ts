import type { Stopwatch } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { TokenBucket } from './token-bucket.ts';

export interface ConnectGateOptions {
  readonly ratePerSecond: number;
  readonly stopwatch: Stopwatch;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Nobody is sent away for longer, however many knock: who comes back then and finds no room is given another time. */
const maxWaitMs = 30_000;
/** Clients that were told the same slot must not knock in the same moment. */
const jitterMs = 250;

/**
 * Bounds how many sessions begin a second. When a node has died all of its clients come at once; a handshake and a
 * resume cost far more than a refusal, so those for whom there is no room are given slots one after the other.
 */
export class ConnectGate {
  readonly #options: ConnectGateOptions;
  readonly #bucket: TokenBucket;
  /** The next slot that nobody has. */
  #slotAtMs = 0;

  constructor(options: ConnectGateOptions) {
    this.#options = options;
    const { ratePerSecond, stopwatch } = options;
    this.#bucket = new TokenBucket({ ratePerSecond, burst: 2 * ratePerSecond, stopwatch });
  }

  /** @throws HubError rate-limited with the time to come back */
  assertRoom(): void {
    if (this.#bucket.take() === 0) return;
    const { stopwatch, ratePerSecond, random } = this.#options;
    const nowMs = stopwatch.elapsedMs();
    this.#slotAtMs = Math.min(Math.max(this.#slotAtMs, nowMs) + 1000 / ratePerSecond, nowMs + maxWaitMs);
    throw new HubError('rate-limited', 'too many clients connect at once; reconnect after retryAfterMs', {
      retryAfterMs: Math.ceil(this.#slotAtMs - nowMs + random() * jitterMs),
    });
  }
}
