import type { GoawayMessage } from '../../channels/protocol/down.ts';
import type { HubClientError } from '../hub-client-error.ts';
import type {
  ConnectionContext,
  ConnectionEvent,
  ConnectionState,
  Goaway,
  NextSocket,
  Transition,
} from './connection-state.ts';
import { failed, type LiveState, live, noFailures, planRetry, streakOf, timer, unchanged } from './connection-steps.ts';

type Draining = Extract<ConnectionState, { name: 'draining' }>;

/** When a `goaway` that came now asks for what. */
export function goawayAt({ deadlineMs, reconnectInMs }: GoawayMessage, { nowMs }: ConnectionContext): Goaway {
  return { reconnectAtMs: nowMs + reconnectInMs, deadlineAtMs: nowMs + deadlineMs };
}

/** The token is not renewed any more: the next socket gets its own. */
export function drain({ streak, sinceMs }: LiveState, goaway: Goaway, context: ConnectionContext): Transition {
  const { reconnectAtMs, deadlineAtMs } = goaway;
  return {
    state: { name: 'draining', streak, sinceMs, deadlineAtMs, next: { phase: 'waiting', streak: noFailures } },
    effects: [timer(reconnectAtMs - context.nowMs)],
  };
}

/**
 * The step of a connection whose node is about to stop. While the first socket lasts, the application stays live whatever
 * becomes of the next.
 */
export function nextWhileDraining(state: Draining, event: ConnectionEvent, context: ConnectionContext): Transition {
  const { next } = state;
  switch (event.type) {
    case 'wake':
      return { state, effects: [{ type: 'check-alive' }] };
    case 'failed':
      return firstFailed(state, event.error, context);
    case 'timer':
      return timeIsUp(state, context);
    case 'next-welcomed': {
      if (next.phase !== 'opening') return unchanged(state);
      const { expiresAtMs } = event;
      const catching = { ...next, phase: 'catching-up', sinceMs: context.nowMs, expiresAtMs, goaway: null } as const;
      return withNext(state, catching, [timer(state.deadlineAtMs - context.nowMs)]);
    }
    case 'next-failed':
      return nextFailed(state, event.error, context);
    case 'next-goaway':
      return next.phase === 'catching-up'
        ? withNext(state, { ...next, goaway: goawayAt(event, context) })
        : unchanged(state);
    case 'caught-up':
      return next.phase === 'catching-up' ? promote(next, context) : unchanged(state);
    default:
      return unchanged(state);
  }
}

function timeIsUp(state: Draining, context: ConnectionContext): Transition {
  const { next } = state;
  switch (next.phase) {
    case 'waiting':
      return withNext(state, { ...next, phase: 'opening' }, [timer(context.connectTimeoutMs), { type: 'open-next' }]);
    case 'opening':
      return nextFailed(state, context.timeoutError(), context);
    case 'catching-up':
      // the deadline: the first would be closed in this moment
      return promote(next, context);
    case 'given-up':
      return unchanged(state);
    default:
      return next satisfies never;
  }
}

/** The first broke early: nothing is lost, since the next resumes from the same position. */
function firstFailed(state: Draining, error: HubClientError, context: ConnectionContext): Transition {
  const { next } = state;
  if (next.phase === 'catching-up') return promote(next, context);
  if (next.phase === 'opening')
    return {
      state: { name: 'recovering', streak: next.streak },
      effects: [{ type: 'promote-next' }, { type: 'report', error }],
    };
  return failed(next.streak.failures > 0 ? next.streak : streakOf(state, context), true, error, context);
}

/** The first still serves, so even a permanent error ends nothing yet. */
function nextFailed(state: Draining, error: HubClientError, context: ConnectionContext): Transition {
  const { next } = state;
  if (next.phase !== 'opening' && next.phase !== 'catching-up') return unchanged(state);
  const plan = planRetry(next.streak, error, context);
  const wait = plan === null ? ({ type: 'clear-timer' } as const) : timer(plan.delayMs);
  const phase = plan === null ? 'given-up' : 'waiting';
  const streak = plan?.streak ?? next.streak;
  return withNext(state, { phase, streak }, [{ type: 'drop-next' }, { type: 'report', error }, wait]);
}

function promote(next: Extract<NextSocket, { phase: 'catching-up' }>, context: ConnectionContext): Transition {
  const serving = live(next, context);
  const { state, effects } =
    next.goaway !== null && serving.state.name === 'live' ? drain(serving.state, next.goaway, context) : serving;
  return { state, effects: [{ type: 'promote-next' }, ...effects] };
}

function withNext(state: Draining, next: NextSocket, effects: Transition['effects'] = []): Transition {
  return { state: { ...state, next }, effects };
}
