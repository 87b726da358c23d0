import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import type { DownEvents } from '../../channels/protocol/down.ts';
import type { Ack } from '../../channels/protocol/up.ts';
import type { Room } from '../delivery/outlet/room.ts';
import type { Packet } from '../transport/packet.ts';

/** A session, as a feature uses it. */
export interface FeatureSession {
  readonly id: string;
  readonly principal: Principal;
  readonly policyClass: PolicyClass;
  send<Name extends keyof DownEvents>(event: Name, payload: Parameters<DownEvents[Name]>[0]): void;
  sendPacket(packet: Packet): void;
  /** From the next publish on, what is sent to the room reaches the session; once for each room. */
  join(room: Room): void;
  part(room: Room): void;
}

/** Answers a message; called at most once. */
export type Answer = (ack: Ack) => void;

/** Reads and carries out one message. What it throws is the answer, unless it has answered. @throws HubError */
export type FeatureHandler = (session: FeatureSession, payload: unknown, answer: Answer) => void | Promise<void>;

/** What a part adds to the sessions of its node, beside subscriptions. */
export interface SessionFeature {
  /** In `features` of `welcome`. */
  readonly name: string;
  /** By the names of the events that clients send. */
  readonly messages: Readonly<Record<string, FeatureHandler>>;
  /** Events that were handed over to clients. Must be quick. */
  delivered?(events: readonly HubEvent[]): void;
  /** Events were lost on the way to clients. */
  lost?(): void;
  /** The rights of the session are others: nothing may follow under the old ones. */
  reclassified?(session: FeatureSession): void;
  /** The session is over. */
  closed?(session: FeatureSession): void;
}
