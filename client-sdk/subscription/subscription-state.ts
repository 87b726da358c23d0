/*
 * What one subscription is to the hub, as data. next-subscription.ts moves it, by the steps of subscription-steps.ts;
 * subscription-registry.ts acts on it.
 *
 * A subscription is one thing to the application and may at the same time stand on two links: a link that is to be
 * left (`goaway`) keeps delivering while its successor catches up. So the state has an attachment for each link, and
 * next to them what must outlive every link: the position from which a new one continues.
 *
 *   requested --subscribed--> catching-up --live--> live --stale, log--> live (restarting) --retry--> leaving
 *       ^ |                                                                                            |
 *       | +--refused--> refused --retry--+                                       left, alone on links  |
 *       +--------------------------------+-------------------------------------------------------------+
 *                                                     idle <---- left, while a newer link serves ------+
 *
 * The order of an entity's events holds with two links because each of them alone is complete and in order from the
 * position on: whichever is first with an event has given all before it, and the repeats of the other are dropped by
 * id. A link that has a hole (`stale`, a gap in the log, an answer that is not recovered) would break that. So of two
 * links never both serve when one of them has a hole: the subscription is left on one. If that is the newer, it is asked
 * for there again from the position; if it is the older, only should the newer fail (`idle`).
 */
import type { AnyWireEvent, AnyWireItem } from '../../channels/protocol/down.ts';
import type { ResumeReason, SubscribedResult, SubscribeRequest } from '../../channels/protocol/up.ts';
import type { HubClientError } from '../hub-client-error.ts';
import type { GapReason } from './subscription.ts';

/** From where a link can continue so that the application misses nothing. */
interface Position {
  /** Proves what the subscription was entitled to. */
  readonly handle: string;
  readonly cursor: string;
}

/** One subscription on one link. */
export type Attachment =
  /**
   * `unwanted`: to be given up as soon as the answer is there; before that the hub may not know it yet. `inConnect`: it
   * is refused by `ended`, which otherwise is about one that was left under the same id.
   */
  | { readonly phase: 'requested'; readonly unwanted?: true; readonly inConnect?: true }
  | { readonly phase: 'refused' }
  | { readonly phase: 'leaving' }
  | { readonly phase: 'idle' }
  | Served;

/** Frames may come for it. An empty `cursor`: not known yet; a snapshot ends with one. */
export interface Served extends Position {
  readonly phase: 'catching-up' | 'live';
  readonly room: string;
  /** What comes goes to the application. False for a link that starts from now and is not live yet: it may still fail. */
  readonly isAdopted: boolean;
  /** Why the hub could not resume from the position. */
  readonly reason?: ResumeReason;
  /** What it holds is out of date; a timer runs after which it is asked for again. */
  readonly isRestarting?: true;
}

/** One subscription at one moment. Never changed in place; no attachment is left once `isEnded`. */
export interface SubscriptionState {
  /** What never changes of the request. */
  readonly wanted: Pick<SubscribeRequest, 'id' | 'channel' | 'filter' | 'mode' | 'shape' | 'fields' | 'since'>;
  /** Something was promised to the application: that it was live, or that it resumes from `since`. */
  readonly hasBegun: boolean;
  /** Null: the next link starts from now. */
  readonly position: Position | null;
  /** Refusals and stale views in a row. */
  readonly failures: number;
  /** By number of the link. */
  readonly attachments: ReadonlyMap<number, Attachment>;
  readonly isEnded: boolean;
}

/** All but `close` belong to a link. */
export type SubscriptionEvent = { readonly type: 'close' } | (LinkEvent & { readonly link: number });

/** What one link tells of a subscription, in the order in which the hub said it. */
export type LinkEvent =
  /** `asked`: it stands in the CONNECT payload. `ask`: it does not, and is to be asked for now. */
  | { readonly type: 'asked' | 'ask' }
  | { readonly type: 'subscribed'; readonly result: SubscribedResult }
  | { readonly type: 'refused' | 'ended'; readonly error: HubClientError }
  | { readonly type: 'replay'; readonly events: readonly AnyWireEvent[]; readonly cursor: string }
  | { readonly type: 'snapshot'; readonly items: readonly AnyWireItem[]; readonly isFirst: boolean }
  | { readonly type: 'live' }
  | { readonly type: 'events'; readonly events: readonly AnyWireEvent[] }
  | { readonly type: 'cursor'; readonly cursor: string }
  /** This link has skipped something. */
  | { readonly type: 'incomplete'; readonly reason: 'log' | 'unavailable' }
  | { readonly type: 'policy'; readonly room: string; readonly handle: string; readonly reason: string }
  /** The time of a `retry` effect has come. */
  | { readonly type: 'retry' }
  /** The hub has confirmed a `leave`. */
  | { readonly type: 'left' }
  | { readonly type: 'down' };

/** What the application's side is to do. */
export type SinkEffect =
  /** Hand over what is new. `isReplay`: bounded by the hub, and may come faster than anybody can read. */
  | { readonly type: 'deliver'; readonly events: readonly AnyWireEvent[]; readonly isReplay: boolean }
  /** There is a new cursor: what came long before it will not come again. */
  | { readonly type: 'rotate' }
  | { readonly type: 'gap'; readonly reason: GapReason }
  /** Forget everything: the rights have changed. */
  | { readonly type: 'purge'; readonly reason: string }
  | { readonly type: 'live' }
  /** Not live any more. */
  | { readonly type: 'paused' }
  /** Views: put aside, for this link, a page of a snapshot or what happened after it. */
  | { readonly type: 'stage'; readonly link: number; readonly items: readonly AnyWireItem[]; readonly isFirst: boolean }
  | { readonly type: 'stage-events'; readonly link: number; readonly events: readonly AnyWireEvent[] }
  /** Views: what was put aside for this link is the content now. */
  | { readonly type: 'adopt'; readonly link: number }
  /** Views: what was put aside for this link is worth nothing. */
  | { readonly type: 'discard'; readonly link: number }
  | { readonly type: 'end'; readonly error: HubClientError | null };

/** What an event leads to, in order: for the application's side, or for the hub on one link. */
export type SubscriptionEffect =
  | SinkEffect
  | { readonly type: 'request'; readonly link: number }
  /** Unsubscribe, then tell `left`. */
  | { readonly type: 'leave'; readonly link: number }
  /** Tell `retry` after the backoff for so many failures, and not before what the hub asks for. */
  | { readonly type: 'retry'; readonly link: number; readonly failures: number; readonly retryAfterMs: number };

/** A subscription that stands on no link yet and has promised nothing. */
export function newSubscription(wanted: SubscriptionState['wanted']): SubscriptionState {
  return { wanted, hasBegun: false, position: null, failures: 0, attachments: new Map(), isEnded: false };
}

/** The request for a link. `connectionCursor` is what the CONNECT payload says for all; a `subscribe` has none to lean on. */
export function requestOf(state: SubscriptionState, connectionCursor: string | null = null): SubscribeRequest {
  const { since, ...base } = state.wanted;
  if (state.position === null) return { ...base, ...(since !== undefined && !state.hasBegun && { since }) };
  const { handle, cursor } = state.position;
  return { ...base, handle, ...(cursor !== connectionCursor && { cursor }) };
}

/** The attachment if frames may come for it. */
export function servedOn(state: SubscriptionState, link: number): Served | null {
  const attachment = state.attachments.get(link);
  return attachment !== undefined && 'room' in attachment ? attachment : null;
}

/** True if a link need not be waited for: it is live, or will not be soon. */
export function isSettled(state: SubscriptionState, link: number): boolean {
  const phase = state.attachments.get(link)?.phase;
  return phase === 'live' || phase === 'refused' || phase === 'idle';
}

/** True while every new event reaches the application. */
export function isLive({ attachments, isEnded }: SubscriptionState): boolean {
  const all = [...attachments.values()];
  return !isEnded && all.some((one) => one.phase === 'live' && one.isRestarting === undefined);
}
