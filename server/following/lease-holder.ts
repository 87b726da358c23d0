import type { Stopwatch } from '../../channels/ports/clock.ts';
import type { Lease } from '../../channels/ports/lease.ts';
import type { Logger } from '../observability/logger.ts';
import { every, type Loop } from '../turns/every.ts';
import { ClaimSignal } from './claim-signal.ts';
import { type LeaseAnswer, type LeasePhase, phaseAfter, waiting } from './lease-phase.ts';

export interface LeaseHolderOptions {
  readonly lease: Lease;
  /** Name of this process among all that may hold it. */
  readonly node: string;
  /** In log lines: `the claim of the journal`. */
  readonly name: string;
  readonly clock: Stopwatch;
  readonly logger: Logger;
  /**
   * Does what being or not being the holder asks for; called after each renewal, so what cannot begin now is tried again
   * with the next, and at last when it stops. Must not reject.
   */
  readonly keepTo: (holds: boolean) => Promise<void>;
  /** Duration of the lease. Another process takes over when it was not renewed for this long. @default 10 s */
  readonly ttlMs?: number;
  /** @default 3 s */
  readonly renewEveryMs?: number;
}

/** Asks for a lease, renews it while it has it, and gives it up when it stops. */
export class LeaseHolder {
  readonly #options: LeaseHolderOptions;
  readonly #ttlMs: number;
  readonly #claim = new ClaimSignal();
  #phase: LeasePhase = waiting;
  #renewal: Loop | undefined;
  #stopped = false;

  constructor(options: LeaseHolderOptions) {
    this.#options = options;
    this.#ttlMs = options.ttlMs ?? 10_000;
  }

  get holds(): boolean {
    return this.#phase.kind === 'holding';
  }

  /** Aborted when the lease ends without being renewed; undefined while this process does not have it. */
  get claim(): AbortSignal | undefined {
    return this.#claim.signal;
  }

  start(): void {
    this.#renewal = every(this.#options.renewEveryMs ?? 3000, () => this.#renew(), { atOnce: true });
  }

  /** Stops renewing the lease; work under it continues until `release`. */
  async end(): Promise<void> {
    this.#stopped = true;
    await this.#renewal?.stop();
  }

  /** After `end`. Another process may take over at once. */
  async release(): Promise<void> {
    const { lease, node, name, logger, keepTo } = this.#options;
    const held = this.holds;
    this.#phase = waiting;
    await keepTo(false);
    this.#claim.runFor(undefined);
    if (held)
      await lease
        .release(node)
        .catch((error: unknown) => logger.warn({ error }, `${name} lease was not released; it expires by itself`));
  }

  async #renew(): Promise<void> {
    const { clock, keepTo } = this.#options;
    const askedAtMs = clock.elapsedMs();
    const answer = await this.#ask();
    this.#phase = phaseAfter(this.#phase, answer, { askedAtMs, nowMs: clock.elapsedMs(), ttlMs: this.#ttlMs });
    const phase = this.#phase;
    this.#claim.runFor(phase.kind === 'holding' ? phase.untilMs - clock.elapsedMs() : undefined);
    if (!this.#stopped) await keepTo(this.holds);
  }

  async #ask(): Promise<LeaseAnswer> {
    const { lease, node, name, logger } = this.#options;
    try {
      return (await lease.take(node, this.#ttlMs)) ? 'granted' : 'refused';
    } catch (error) {
      logger.debug({ error }, `${name} lease could not be renewed`);
      return 'unknown';
    }
  }
}
