import type { Clock } from '../../channels/ports/clock.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { TokenBucket } from './token-bucket.ts';

export interface ConnectGateOptions {
  readonly ratePerSecond: number;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

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
    const { ratePerSecond, clock } = options;
    this.#bucket = new TokenBucket({ ratePerSecond, burst: 2 * ratePerSecond, clock });
  }

  /** @throws HubError rate-limited with the time to come back */
  assertRoom(): void {
    if (this.#bucket.take() === 0) return;
    const { clock, ratePerSecond, random } = this.#options;
    const nowMs = clock.now();
    this.#slotAtMs = Math.max(this.#slotAtMs, nowMs) + 1000 / ratePerSecond;
    throw new HubError('rate-limited', 'too many clients connect at once; come back after the time given', {
      retryAfterMs: Math.ceil(this.#slotAtMs - nowMs + random() * jitterMs),
    });
  }
}
