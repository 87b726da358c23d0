import { randomUUID } from 'node:crypto';
import { parseRevocation } from '../../channels/control/parse-revocation.ts';
import type { Revocation, RevocationTarget } from '../../channels/control/revocation.ts';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import type { ControlBus } from '../../channels/ports/control-bus.ts';
import type { ControlFollower, ControlTopic } from '../../channels/ports/control-topic.ts';
import type { Logger } from '../observability/logger.ts';
import { Revocations } from './revocations.ts';

export interface RevocationFeedOptions {
  readonly store: CatalogStore;
  readonly topic: ControlTopic;
  readonly bus: ControlBus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something is revoked from now on: sessions that it concerns must end. */
  readonly onRevoked: () => void;
  /** A control message could not be read and is passed over. */
  readonly onUnreadable: () => void;
}

export interface NewRevocation {
  readonly tenant: string;
  readonly target: RevocationTarget;
  readonly reason?: string;
  readonly by: string;
  readonly expiresAt: string;
}

const busTopic = 'revocation';
const reloadEveryMs = 10_000;
/** Clocks of nodes differ, and a write takes a moment. */
const reloadMarginMs = 60_000;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * How a node learns of revocations. They are stored, so whoever starts reads them; the control topic brings those that
 * are made later, in a way that can be waited for; the control bus brings them sooner. Where both are away the store is
 * still looked through every 10 s.
 */
export class RevocationFeed {
  readonly revocations: Revocations;
  readonly #options: RevocationFeedOptions;
  #follower: ControlFollower | undefined;
  #endListening: () => void = () => undefined;
  #reload: NodeJS.Timeout | undefined;
  #reloadedAtMs = 0;

  constructor(options: RevocationFeedOptions) {
    this.#options = options;
    this.revocations = new Revocations(options.clock);
  }

  /** Resolves when everything that is stored is known. @throws HubError storage-unavailable */
  async start(): Promise<void> {
    const { topic, bus, logger } = this.#options;
    this.#endListening = bus.on(busTopic, (message) => this.#receive(message, 'bus'));
    this.#follower = await topic.follow({
      onRecord: (text) => this.#receive(jsonOf(text), 'topic'),
      onLost: () => void this.#look(0),
      onFault: (error) => logger.warn({ error }, 'the control topic cannot be read just now'),
    });
    await this.#load(0);
    this.#reload = setInterval(() => void this.#look(this.#reloadedAtMs - reloadMarginMs), reloadEveryMs);
    this.#reload.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#reload);
    this.#endListening();
    await this.#follower?.close();
  }

  /** Resolves when everything that was revoked before the call is known here. @throws HubError storage-unavailable */
  async drained(): Promise<void> {
    await this.#follower?.drained();
  }

  /**
   * Stored when it resolves, and known to all nodes; `told` is false when those that the bus does not reach will hear of
   * it only within 10 s.
   * @throws HubError storage-unavailable
   */
  async revoke(wanted: NewRevocation): Promise<{ readonly revocation: Revocation; readonly told: boolean }> {
    const { store, topic, bus, clock, logger } = this.#options;
    const revocation: Revocation = { id: randomUUID(), at: new Date(clock.now()).toISOString(), ...wanted };
    await store.putRevocation(revocation);
    this.#hear(revocation);
    await bus.publish(busTopic, JSON.parse(JSON.stringify(revocation)));
    try {
      await topic.append(JSON.stringify(revocation));
      return { revocation, told: true };
    } catch (error) {
      logger.warn(
        { error, revocation: revocation.id },
        'a revocation is stored, but the control topic does not take it',
      );
      return { revocation, told: false };
    }
  }

  /** What others sent. What is none is passed over: whatever it said is stored, if a hub said it. */
  #receive(value: unknown, from: 'bus' | 'topic'): void {
    const revocation = parseRevocation(value);
    if (revocation !== undefined) return this.#hear(revocation);
    this.#options.onUnreadable();
    this.#options.logger.warn({ from }, 'a control message is none of the hub; it is passed over');
  }

  #hear(revocation: Revocation): void {
    this.revocations.add(revocation);
    this.#options.onRevoked();
  }

  async #look(sinceMs: number): Promise<void> {
    try {
      await this.#load(sinceMs);
    } catch (error) {
      this.#options.logger.warn({ error }, 'revocations cannot be read from the store just now');
    }
  }

  async #load(sinceMs: number): Promise<void> {
    const { store, clock } = this.#options;
    const nowMs = clock.now();
    const sinceIso = new Date(Math.max(0, sinceMs)).toISOString();
    const found = await store.revocations({ nowMs, sinceIso });
    this.#reloadedAtMs = nowMs;
    this.revocations.purge();
    for (const revocation of found) this.revocations.add(revocation);
    if (found.length > 0) this.#options.onRevoked();
  }
}
