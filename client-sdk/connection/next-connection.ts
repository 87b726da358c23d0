import type { ConnectionContext, ConnectionEvent, ConnectionState, Transition } from './connection-state.ts';
import {
  armRefresh,
  closed,
  failed,
  type LiveState,
  live,
  noFailures,
  open,
  type OpeningState,
  refreshAt,
  streakOf,
  timer,
  unchanged,
} from './connection-steps.ts';
import { drain, goawayAt, nextWhileDraining } from './draining.ts';

/** The first step of a new hub object. */
export function startConnection(context: ConnectionContext): Transition {
  return open('connecting', noFailures, context);
}

/** The next state and what the driver must do, in this order. Total: an event that means nothing here changes nothing. */
export function nextConnection(state: ConnectionState, event: ConnectionEvent, context: ConnectionContext): Transition {
  if (state.name === 'closed') return unchanged(state);
  if (event.type === 'close') return closed(null);
  switch (state.name) {
    case 'connecting':
    case 'recovering':
      return nextWhileOpening(state, event, context);
    case 'live':
      return nextWhileLive(state, event, context);
    case 'draining':
      return nextWhileDraining(state, event, context);
    case 'backoff':
      return nextWhileWaiting(state, event, context);
    default:
      return state satisfies never;
  }
}

type BackoffState = Extract<ConnectionState, { name: 'backoff' }>;

function nextWhileOpening(state: OpeningState, event: ConnectionEvent, context: ConnectionContext): Transition {
  switch (event.type) {
    case 'welcomed':
      return live({ streak: state.streak, sinceMs: context.nowMs, expiresAtMs: event.expiresAtMs }, context);
    case 'failed':
      return failed(state.streak, state.name === 'recovering', event.error, context);
    case 'timer':
      return failed(state.streak, state.name === 'recovering', context.timeoutError(), context);
    default:
      return unchanged(state);
  }
}

function nextWhileLive(state: LiveState, event: ConnectionEvent, context: ConnectionContext): Transition {
  switch (event.type) {
    case 'failed':
      return failed(streakOf(state, context), true, event.error, context);
    case 'goaway':
      return drain(state, goawayAt(event, context), context);
    case 'timer':
      return refreshDue(state, context);
    case 'wake':
      return { state, effects: [{ type: 'check-alive' }] };
    case 'token-refreshed': {
      if (!isRefreshing(state, context)) return unchanged(state);
      return armRefresh(
        { ...state, expiresAtMs: event.expiresAtMs, refreshAtMs: refreshAt(event.expiresAtMs, context) },
        context,
      );
    }
    case 'token-refresh-failed': {
      if (!isRefreshing(state, context)) return unchanged(state);
      const retry = armRefresh({ ...state, refreshAtMs: refreshRetryAt(state.expiresAtMs, context) }, context);
      return { state: retry.state, effects: [{ type: 'report', error: event.error }, ...retry.effects] };
    }
    default:
      return unchanged(state);
  }
}

/** No hub requests a longer delay. */
const longestMs = 60_000;

function nextWhileWaiting(state: BackoffState, event: ConnectionEvent, context: ConnectionContext): Transition {
  switch (event.type) {
    case 'timer':
      return open(state.wasLive ? 'recovering' : 'connecting', state.streak, context);
    case 'wake': {
      // soon, but not all clients of an office in the very moment in which its network returns
      const soonMs = Math.floor(context.random * context.backoff.minMs);
      // a clock that was set back meanwhile must not make it hours
      return { state, effects: [timer(Math.min(longestMs, Math.max(state.notBeforeMs - context.nowMs, soonMs)))] };
    }
    default:
      return unchanged(state);
  }
}

function refreshDue(state: LiveState, context: ConnectionContext): Transition {
  if (state.refreshAtMs === null) return unchanged(state);
  if (context.nowMs < state.refreshAtMs) return armRefresh(state, context);
  return { state: { ...state, refreshAtMs: null }, effects: [{ type: 'refresh-token' }] };
}

function isRefreshing(state: LiveState, context: ConnectionContext): boolean {
  return context.tokenRenewable && state.refreshAtMs === null;
}

function refreshRetryAt(expiresAtMs: number, context: ConnectionContext): number {
  const leftMs = expiresAtMs - context.nowMs;
  return context.nowMs + Math.max(1_000, Math.min(30_000, Math.floor(leftMs / 2)));
}
