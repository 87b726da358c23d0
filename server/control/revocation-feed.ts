import type { RevocationStore } from '../../channels/ports/revocation-store.ts';
import { randomUUID } from 'node:crypto';
import type { ControlProblem, ControlRecord } from '../../channels/control/control-record.ts';
import type {
  KeptRevocation,
  Revocation,
  RevocationRecord,
  RevocationTarget,
} from '../../channels/control/revocation.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import type { ControlBus } from '../../channels/ports/control-bus.ts';
import type { ControlFollower, ControlTopic } from '../../channels/ports/control-topic.ts';
import type { Logger } from '../observability/logger.ts';
import { every, type Loop } from '../turns/every.ts';
import { ControlReader } from './control-reader.ts';
import { Revocations } from './revocations.ts';

export interface RevocationFeedOptions {
  readonly store: RevocationStore;
  readonly topic: ControlTopic;
  readonly bus: ControlBus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something is revoked from now on: sessions that it concerns must end. */
  readonly onRevoked: () => void;
  /** A control record is skipped. `kind`: one that this node knows, or `other`. */
  readonly onUnread: (problem: ControlProblem, kind: string) => void;
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

/** What was stored before records said so is of version 1. */
function recordOf(kept: KeptRevocation): object {
  return { kind: 'revocation', v: 1, ...kept };
}

/**
 * How a node learns of revocations. They are stored, so a node reads them at start; the control topic brings those that
 * are made later, in a way that can be waited for; the control bus brings them sooner. Where both are away the store is
 * still scanned every 10 s.
 */
export class RevocationFeed {
  readonly revocations: Revocations;
  readonly #options: RevocationFeedOptions;
  readonly #reader: ControlReader;
  #follower: ControlFollower | undefined;
  #endListening: () => void = () => undefined;
  #reload: Loop | undefined;
  #reloadedAtMs = 0;

  constructor(options: RevocationFeedOptions) {
    this.#options = options;
    this.#reader = new ControlReader(options);
    this.revocations = new Revocations(options.clock);
  }

  /** Resolves when everything that is stored is known. @throws HubError storage-unavailable */
  async start(): Promise<void> {
    const { topic, bus, logger } = this.#options;
    this.#endListening = bus.on(busTopic, (message) => this.#receive(this.#reader.read(message, 'bus')));
    this.#follower = await topic.follow({
      onRecord: (text) => this.#receive(this.#reader.readText(text, 'topic')),
      onLost: () => void this.#look(0),
      onFault: (error) => logger.warn({ error }, 'the control topic cannot be read; retrying'),
    });
    await this.#load(0);
    this.#reload = every(reloadEveryMs, () => this.#look(this.#reloadedAtMs - reloadMarginMs));
  }

  async stop(): Promise<void> {
    const reloaded = this.#reload?.stop();
    this.#endListening();
    await this.#follower?.close();
    await reloaded;
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
  async revoke(wanted: NewRevocation): Promise<{ readonly revocation: RevocationRecord; readonly told: boolean }> {
    const { store, topic, bus, clock, logger } = this.#options;
    const at = new Date(clock.now()).toISOString();
    const revocation: RevocationRecord = { kind: 'revocation', v: 1, id: randomUUID(), at, ...wanted };
    await store.putRevocation(revocation);
    this.#hear(revocation);
    await bus.publish(busTopic, JSON.parse(JSON.stringify(revocation)));
    try {
      await topic.append(JSON.stringify(revocation));
      return { revocation, told: true };
    } catch (error) {
      logger.warn(
        { error, revocation: revocation.id },
        'a revocation is stored, but could not be appended to the control topic',
      );
      return { revocation, told: false };
    }
  }

  /** Records of other nodes. Unreadable ones are skipped: their content is also stored, if a hub sent them. */
  #receive(record: ControlRecord | undefined): void {
    if (record !== undefined) this.#hear(record);
  }

  #hear(revocation: Revocation): void {
    this.revocations.add(revocation);
    this.#options.onRevoked();
  }

  async #look(sinceMs: number): Promise<void> {
    try {
      await this.#load(sinceMs);
    } catch (error) {
      this.#options.logger.warn({ error }, 'revocations could not be read from the store; retrying');
    }
  }

  async #load(sinceMs: number): Promise<void> {
    const { store, clock } = this.#options;
    const nowMs = clock.now();
    const sinceIso = new Date(Math.max(0, sinceMs)).toISOString();
    const found = await store.revocations({ nowMs, sinceIso });
    this.#reloadedAtMs = nowMs;
    this.revocations.purge();
    for (const record of this.#reader.readStored(found.map(recordOf))) this.revocations.add(record);
    if (found.length > 0) this.#options.onRevoked();
  }
}
