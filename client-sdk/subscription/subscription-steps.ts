/* Steps that several states of a subscription share. */
import type { HubClientError } from '../hub-client-error.ts';
import {
  type Attachment,
  type Served,
  servedOn,
  type SubscriptionEffect,
  type SubscriptionState,
} from './subscription-state.ts';

/** The state from now on, and what is to be done for it, in order. */
export interface SubscriptionStep {
  readonly state: SubscriptionState;
  readonly effects: readonly SubscriptionEffect[];
}

/** The hub said no on one link: tried again there after the backoff, or the end of the subscription if no retry can heal it. */
export function refused(state: SubscriptionState, link: number, error: HubClientError): SubscriptionStep {
  if (!error.retryable) return ended(state, error, link);
  const failures = state.failures + 1;
  const retryAfterMs = error.retryAfterMs ?? 0;
  return attach({ ...state, failures }, link, { phase: 'refused' }, [{ type: 'retry', link, failures, retryAfterMs }]);
}

/**
 * The end, for good, with what the application is told; `null` where it wished so itself. Links that serve are left, except
 * the one that has ended it.
 */
export function ended(state: SubscriptionState, error: HubClientError | null, endedOn?: number): SubscriptionStep {
  const told = [...state.attachments.keys()].filter((link) => link !== endedOn && servedOn(state, link) !== null);
  const leaves = told.map((link): SubscriptionEffect => ({ type: 'leave', link }));
  return {
    state: { ...state, isEnded: true, attachments: new Map() },
    effects: [...leaves, { type: 'end', error }],
  };
}

/** What was left on one link because another served is asked for again when that does so no more. */
export function revive({ state, effects }: SubscriptionStep): SubscriptionStep {
  const links = [...state.attachments];
  const idle = links.filter(([, { phase }]) => phase === 'idle').map(([link]) => link);
  if (links.some(([, { phase }]) => phase !== 'idle' && phase !== 'refused')) return { state, effects };
  return each(state, idle, request, effects);
}

/** The newest link is to replace the others, so it gets another chance while they serve: from the position it can be whole. */
export function left(state: SubscriptionState, link: number): SubscriptionStep {
  const isNewest = [...state.attachments.keys()].every((other) => other <= link);
  const isWanted = !isServedElsewhere(state, link) || (isNewest && state.position !== null);
  return isWanted ? request(state, link) : attach(state, link, { phase: 'idle' });
}

/** Gives it up on one link. The attachment stays until the hub has confirmed, so that late frames are known as such. */
export function leave(state: SubscriptionState, link: number): SubscriptionStep {
  return attach(state, link, { phase: 'leaving' }, [{ type: 'leave', link }]);
}

/** Asks for it on one link, from the position if there is one. */
export function request(state: SubscriptionState, link: number): SubscriptionStep {
  return attach(state, link, { phase: 'requested' }, [{ type: 'request', link }]);
}

/** Silences the subscription on all other links. */
export function onlyOn(state: SubscriptionState, link: number): SubscriptionStep {
  const others = [...state.attachments.keys()].filter((other) => other !== link);
  return each(state, others, (current, other) => {
    const attachment = current.attachments.get(other);
    if (attachment?.phase === 'requested') return attach(current, other, { ...attachment, unwanted: true });
    return servedOn(current, other) === null ? unchanged(current) : leave(current, other);
  });
}

function each(
  start: SubscriptionState,
  links: readonly number[],
  step: (state: SubscriptionState, link: number) => SubscriptionStep,
  before: readonly SubscriptionEffect[] = [],
): SubscriptionStep {
  let state = start;
  const effects = [...before];
  for (const link of links) {
    const next = step(state, link);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

/** True if another link serves it, or is going to: it was asked there and is still wanted. */
export function isServedElsewhere({ attachments }: SubscriptionState, link: number): boolean {
  return [...attachments].some(
    ([other, one]) => other !== link && ('room' in one || (one.phase === 'requested' && !one.unwanted)),
  );
}

/** Puts the attachment for one link in place of the one that was; all else stays. */
export function attach(
  state: SubscriptionState,
  link: number,
  attachment: Attachment,
  effects: readonly SubscriptionEffect[] = [],
): SubscriptionStep {
  return { state: { ...state, attachments: new Map(state.attachments).set(link, attachment) }, effects };
}

/** True if it has contents, which come as snapshots, and not only events. */
export function isView({ wanted }: SubscriptionState): boolean {
  return wanted.mode === 'view';
}

/** Null while a hole is known that only a fresh start can heal, or before the hub has said where it is. */
export function positionAt({ handle, cursor, isRestarting }: Served): SubscriptionState['position'] {
  return isRestarting || cursor === '' ? null : { handle, cursor };
}

/** Begins anew what is put aside for a link, with nothing in it. */
export function emptyStage(link: number): SubscriptionEffect {
  return { type: 'stage', link, items: [], isFirst: true };
}

/** The event means nothing here: same state, nothing to do. */
export function unchanged(state: SubscriptionState): SubscriptionStep {
  return { state, effects: [] };
}
