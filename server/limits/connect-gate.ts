import type { Stopwatch } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { TokenBucket } from './token-bucket.ts';

export interface ConnectGateOptions {
  readonly ratePerSecond: number;
  readonly stopwatch: Stopwatch;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Maximum delay, however many clients connect: one that returns and finds no room gets another time. */
const maxWaitMs = 30_000;
/** Jitter: clients with the same slot must not connect at the same moment. */
const jitterMs = 250;

/**
 * Bounds how many sessions begin a second. When a node has died all of its clients come at once; a handshake and a
 * resume cost far more than a refusal, so those for whom there is no room are given slots one after the other.
 */
export class ConnectGate {
  readonly #options: ConnectGateOptions;
  readonly #bucket: TokenBucket;
  /** The next free slot. */
  #slotAtMs = 0;

  constructor(options: ConnectGateOptions) {
    this.#options = options;
    const { ratePerSecond, stopwatch } = options;
    this.#bucket = new TokenBucket({ ratePerSecond, burst: 2 * ratePerSecond, stopwatch });
  }

  /** @throws HubError rate-limited with the time to come back */
  assertCapacity(): void {
    if (this.#bucket.take() === 0) return;
    const { stopwatch, ratePerSecond, random } = this.#options;
    const nowMs = stopwatch.elapsedMs();
    this.#slotAtMs = Math.min(Math.max(this.#slotAtMs, nowMs) + 1000 / ratePerSecond, nowMs + maxWaitMs);
    throw new HubError('rate-limited', 'too many clients connect at once; reconnect after retryAfterMs', {
      retryAfterMs: Math.ceil(this.#slotAtMs - nowMs + random() * jitterMs),
    });
  }
}
