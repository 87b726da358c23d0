import type { SubscribedResult } from '../../channels/protocol/up.ts';
import {
  type Attachment,
  isLive,
  type LinkEvent,
  type Served,
  type SubscriptionEffect,
  type SubscriptionEvent,
  type SubscriptionState,
} from './subscription-state.ts';
import {
  attach,
  emptyStage,
  ended,
  isServedElsewhere,
  isView,
  leave,
  left,
  onlyOn,
  positionAt,
  refused,
  request,
  revive,
  unchanged,
  type SubscriptionStep,
} from './subscription-steps.ts';

/** The next state and what is to be done, in this order. Total: an event that means nothing here changes nothing. */
export function nextSubscription(state: SubscriptionState, event: SubscriptionEvent): SubscriptionStep {
  if (state.isEnded) return unchanged(state);
  if (event.type === 'close') return ended(state, null);
  const direct = onLink(state, event.link, event);
  if (direct.state === state) return direct;
  const step = revive(direct);
  if (step.state.isEnded || isLive(state) === isLive(step.state)) return step;
  // nothing is called live that is not, not even while the rest is done
  if (isLive(state)) return { state: step.state, effects: [{ type: 'paused' }, ...step.effects] };
  return { state: step.state, effects: [...step.effects, { type: 'live' }] };
}

function onLink(state: SubscriptionState, link: number, event: LinkEvent): SubscriptionStep {
  const attachment = state.attachments.get(link);
  switch (event.type) {
    case 'asked':
      return attachment === undefined ? attach(state, link, { phase: 'requested', inConnect: true }) : unchanged(state);
    case 'ask':
      return attachment === undefined ? request(state, link) : unchanged(state);
    case 'down':
      return down(state, link);
    default:
      return attachment === undefined ? unchanged(state) : onAttachment(state, link, attachment, event);
  }
}

function onAttachment(
  state: SubscriptionState,
  link: number,
  attachment: Attachment,
  event: LinkEvent,
): SubscriptionStep {
  if ('room' in attachment) return whileServed(state, link, attachment, event);
  switch (attachment.phase) {
    case 'requested':
      if (event.type === 'subscribed')
        return attachment.unwanted ? leave(state, link) : subscribed(state, link, event.result);
      if (event.type !== 'refused' && !(event.type === 'ended' && attachment.inConnect)) return unchanged(state);
      return attachment.unwanted ? left(state, link) : refused(state, link, event.error);
    case 'refused':
      return event.type === 'retry' ? request(state, link) : unchanged(state);
    case 'leaving':
      return event.type === 'left' ? left(state, link) : unchanged(state);
    case 'idle':
      return unchanged(state);
    default:
      return attachment satisfies never;
  }
}

function whileServed(state: SubscriptionState, link: number, served: Served, event: LinkEvent): SubscriptionStep {
  switch (event.type) {
    case 'replay':
      return replayed(state, link, served, event);
    case 'snapshot': {
      const put: SubscriptionEffect = { type: 'stage', link, items: event.items, isFirst: event.isFirst };
      return served.phase === 'live' ? unchanged(state) : attach(state, link, { ...served, isAdopted: false }, [put]);
    }
    case 'live': {
      const adopted = adopt(state, link, served);
      const live = attach(adopted.state, link, { ...served, isAdopted: true, phase: 'live' });
      return { state: live.state, effects: adopted.effects };
    }
    case 'events':
      // a room may be shared with a subscription that is live already, whose events are not for this one
      if (served.phase !== 'live') return unchanged(state);
      return { state, effects: [{ type: 'deliver', events: event.events, isReplay: false }] };
    case 'cursor':
      return served.phase === 'live' ? cursorMoved(state, link, served, event.cursor) : unchanged(state);
    case 'incomplete':
      return incomplete(state, link, served, event.reason);
    case 'policy':
      return policyChanged(state, link, served, event);
    case 'retry':
      return served.isRestarting ? leave(state, link) : unchanged(state);
    case 'ended':
      return refused(state, link, event.error);
    default:
      return unchanged(state);
  }
}

function subscribed(state: SubscriptionState, link: number, result: SubscribedResult): SubscriptionStep {
  const { room, handle, cursor, recovered, reason } = result;
  const served: Served = {
    phase: 'catching-up',
    room,
    handle,
    cursor,
    isAdopted: recovered,
    ...(reason && { reason }),
  };
  const next = attach(state, link, served);
  if (recovered)
    return { state: { ...next.state, hasBegun: true, position: positionAt(served) }, effects: next.effects };
  const begun = isView(state) ? attach(next.state, link, served, [emptyStage(link)]) : next;
  // other rights now: what the application holds may be more than it may have, whoever delivered it
  return reason === 'policy' && state.hasBegun ? purged(begun, link, reason) : begun;
}

/** Before the first thing from a link that starts from now reaches the application: it learns what it misses. */
function adopt(state: SubscriptionState, link: number, served: Served): SubscriptionStep {
  if (served.isAdopted) return unchanged(state);
  const { reason } = served;
  const begun = { ...state, hasBegun: true, position: positionAt(served) };
  const mayMiss = state.hasBegun || state.wanted.since !== undefined;
  const gap: readonly SubscriptionEffect[] = mayMiss ? [{ type: 'gap', reason: reason ?? 'reconnected' }] : [];
  // the others are behind or ahead of the hole: what they say would come in the wrong order
  const alone = onlyOn(begun, link);
  const first: readonly SubscriptionEffect[] = isView(state) ? [{ type: 'adopt', link }] : gap;
  return { state: alone.state, effects: [...first, ...alone.effects] };
}

function replayed(
  state: SubscriptionState,
  link: number,
  served: Served,
  { events, cursor }: Extract<LinkEvent, { type: 'replay' }>,
): SubscriptionStep {
  if (served.phase === 'live') return unchanged(state);
  if (isView(state) && !served.isAdopted)
    return attach(state, link, { ...served, cursor }, [{ type: 'stage-events', link, events }]);
  const adopted = adopt(state, link, served);
  const then = { ...served, isAdopted: true, cursor };
  const deliver: SubscriptionEffect = { type: 'deliver', events, isReplay: true };
  return attach({ ...adopted.state, position: positionAt(then) }, link, then, [...adopted.effects, deliver]);
}

/** Ids are forgotten by cursors only with one link: another may be at work on what came long before. */
function cursorMoved(state: SubscriptionState, link: number, served: Served, cursor: string): SubscriptionStep {
  if (served.isRestarting) return unchanged(state);
  const then = { ...served, cursor };
  const isNew = state.position?.cursor !== cursor && state.attachments.size === 1;
  return attach({ ...state, failures: 0, position: positionAt(then) }, link, then, isNew ? [{ type: 'rotate' }] : []);
}

/** This link has a hole. Another that serves fills it, if this one is silent from here on; else it is told. */
function incomplete(
  state: SubscriptionState,
  link: number,
  served: Served,
  reason: 'log' | 'unavailable',
): SubscriptionStep {
  if (isServedElsewhere(state, link)) return leave(state, link);
  if (isView(state)) return restarting(state, link, served);
  if (!served.isAdopted) return unchanged(state);
  // not to be filled later either: that would come behind what follows now. The next cursor is good again.
  return { state: { ...state, position: null }, effects: [{ type: 'gap', reason }] };
}

/** The content stays, is known to be out of date, and is replaced by a snapshot soon. */
function restarting(state: SubscriptionState, link: number, served: Served): SubscriptionStep {
  if (served.isRestarting) return unchanged(state);
  const failures = state.failures + 1;
  const retry: SubscriptionEffect = { type: 'retry', link, failures, retryAfterMs: 0 };
  return attach({ ...state, failures, position: null }, link, { ...served, isRestarting: true }, [retry]);
}

function policyChanged(
  state: SubscriptionState,
  link: number,
  served: Served,
  { room, handle, reason }: Extract<LinkEvent, { type: 'policy' }>,
): SubscriptionStep {
  const afresh: Served = { phase: 'catching-up', room, handle, cursor: '', isAdopted: false, reason: 'policy' };
  if (isView(state)) return purged(attach(state, link, afresh, [emptyStage(link)]), link, reason);
  // a feed that has not got all that it missed does not get the rest: it is live at once, with a hole
  if (served.phase === 'catching-up') return purged(attach(state, link, afresh), link, reason);
  const moves = { ...served, room, handle };
  // what came before is proven by the cursor, what comes now by the new handle
  const position = served.isAdopted && state.position !== null ? { ...state.position, handle } : state.position;
  return attach({ ...state, position }, link, moves, [{ type: 'purge', reason }]);
}

/** Nothing is left to resume from, and what another link says under the old rights must not come any more. */
function purged({ state, effects }: SubscriptionStep, link: number, reason: string): SubscriptionStep {
  const alone = onlyOn({ ...state, position: null }, link);
  return { state: alone.state, effects: [...effects, { type: 'purge', reason }, ...alone.effects] };
}

function down(state: SubscriptionState, link: number): SubscriptionStep {
  const attachments = new Map(state.attachments);
  if (!attachments.delete(link)) return unchanged(state);
  return { state: { ...state, attachments }, effects: isView(state) ? [{ type: 'discard', link }] : [] };
}
