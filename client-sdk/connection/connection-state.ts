/*
 * The life of one hub object's connection as a pure function: (state, event, context) -> (state, effects).
 *
 * Written with callbacks around a socket, the same logic ends in flags that contradict each other: a retry timer that
 * fires after close(), two sockets after a slow token, a tight loop when a hub accepts and drops at once. Here every
 * state carries exactly the facts that are true in it, each owns at most one timer, and the driver (connection.ts) is
 * the only place with sockets, timers and a clock.
 *
 *   connecting --welcomed--> live --failed--> backoff --timer/wake--> recovering --welcomed--> live
 *       |                     |                  ^                        |
 *       +------failed---------|------------------+---------failed---------+
 *       +---------------------+----- close, or an error that no retry can heal -----> closed
 *
 * `connecting` and `recovering` do the same; they differ in whether the application was live before.
 */
import type { HubClientError } from '../hub-client-error.ts';
import { type BackoffBounds, backoffMs } from './backoff.ts';

/** What has gone wrong in a row; forgotten once a connection has held for `stableMs`. */
interface Streak {
  readonly failures: number;
  /** Failures that said that the token is not acceptable. */
  readonly refusals: number;
}

export type ConnectionState =
  | { readonly name: 'connecting'; readonly streak: Streak }
  | { readonly name: 'recovering'; readonly streak: Streak }
  | {
      readonly name: 'live';
      readonly streak: Streak;
      readonly sinceMs: number;
      readonly expiresAtMs: number;
      /** When the token is due for renewal; null if it cannot be renewed or a renewal is under way. */
      readonly refreshAtMs: number | null;
    }
  | {
      readonly name: 'backoff';
      readonly streak: Streak;
      readonly wasLive: boolean;
      /** The hub asked not to come back before. */
      readonly notBeforeMs: number;
    }
  | { readonly name: 'closed'; readonly error: HubClientError | null };

export type ConnectionEvent =
  | { readonly type: 'welcomed'; readonly expiresAtMs: number }
  /** The handshake failed, or the connection broke. */
  | { readonly type: 'failed'; readonly error: HubClientError }
  | { readonly type: 'timer' }
  /** The network came back or the page became visible. */
  | { readonly type: 'wake' }
  | { readonly type: 'token-refreshed'; readonly expiresAtMs: number }
  | { readonly type: 'token-refresh-failed'; readonly error: HubClientError }
  | { readonly type: 'close' };

export type ConnectionEffect =
  /** Get a token and open a socket. */
  | { readonly type: 'open' }
  /** Drop the socket, if any; nothing that it says later counts. */
  | { readonly type: 'disconnect' }
  /** Replaces the running timer. */
  | { readonly type: 'set-timer'; readonly delayMs: number }
  | { readonly type: 'clear-timer' }
  | { readonly type: 'refresh-token' }
  /** Find out whether the socket still lives; after a sleep it may be dead without anybody having noticed. */
  | { readonly type: 'check-alive' }
  | { readonly type: 'report'; readonly error: HubClientError };

/** Everything from outside that a transition may depend on. */
export interface ConnectionContext {
  readonly nowMs: number;
  /** In [0, 1). */
  readonly random: number;
  readonly online: boolean;
  /** True if the token comes from a function, so that a refused one can be replaced. */
  readonly tokenRenewable: boolean;
  readonly backoff: BackoffBounds;
  /** Handshake deadline: token, socket and welcome together. */
  readonly connectTimeoutMs: number;
  readonly timeoutError: () => HubClientError;
}

export interface Transition {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

/** Shorter-lived connections do not end a streak: a hub that accepts and drops at once must not be hammered. */
export const stableMs = 10_000;
/** A token function that keeps giving refused tokens will not get better; 5 leaves room for a rotation of keys. */
export const maxRefusals = 5;
/** setTimeout takes at most 2^31-1 ms (24.8 days); longer waits are made in steps. */
export const maxTimerMs = 24 * 3_600_000;

const noFailures: Streak = { failures: 0, refusals: 0 };

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
    case 'backoff':
      return nextWhileWaiting(state, event, context);
    default:
      return state satisfies never;
  }
}

type Opening = Extract<ConnectionState, { name: 'connecting' | 'recovering' }>;
type Live = Extract<ConnectionState, { name: 'live' }>;
type Waiting = Extract<ConnectionState, { name: 'backoff' }>;

function nextWhileOpening(state: Opening, event: ConnectionEvent, context: ConnectionContext): Transition {
  switch (event.type) {
    case 'welcomed':
      return armRefresh(
        {
          name: 'live',
          streak: state.streak,
          sinceMs: context.nowMs,
          expiresAtMs: event.expiresAtMs,
          refreshAtMs: context.tokenRenewable ? refreshAt(event.expiresAtMs, context) : null,
        },
        context,
      );
    case 'failed':
      return failed(state.streak, state.name === 'recovering', event.error, context);
    case 'timer':
      return failed(state.streak, state.name === 'recovering', context.timeoutError(), context);
    default:
      return unchanged(state);
  }
}

function nextWhileLive(state: Live, event: ConnectionEvent, context: ConnectionContext): Transition {
  switch (event.type) {
    case 'failed':
      return failed(context.nowMs - state.sinceMs >= stableMs ? noFailures : state.streak, true, event.error, context);
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

function nextWhileWaiting(state: Waiting, event: ConnectionEvent, context: ConnectionContext): Transition {
  switch (event.type) {
    case 'timer':
      return open(state.wasLive ? 'recovering' : 'connecting', state.streak, context);
    case 'wake': {
      // soon, but not all clients of an office in the very moment in which its network returns
      const soonMs = Math.floor(context.random * context.backoff.minMs);
      return { state, effects: [timer(Math.max(state.notBeforeMs - context.nowMs, soonMs))] };
    }
    default:
      return unchanged(state);
  }
}

function open(name: Opening['name'], streak: Streak, context: ConnectionContext): Transition {
  return { state: { name, streak }, effects: [timer(context.connectTimeoutMs), { type: 'open' }] };
}

function failed(before: Streak, wasLive: boolean, error: HubClientError, context: ConnectionContext): Transition {
  const refused = error.code === 'unauthenticated' || error.code === 'token-expired';
  const streak = { failures: before.failures + 1, refusals: before.refusals + (refused ? 1 : 0) };
  if (isFinal(error, refused, streak, context)) return closed(error);
  const leave: readonly ConnectionEffect[] = [{ type: 'disconnect' }, { type: 'report', error }];
  if (error.code === 'token-expired' && streak.failures === 1) {
    // the common case after a sleep: a new token is all that is missing, so there is nothing to wait for
    const again = open(wasLive ? 'recovering' : 'connecting', streak, context);
    return { state: again.state, effects: [...leave, ...again.effects] };
  }
  const retryAfterMs = error.retryAfterMs ?? 0;
  // without a network the retries only go on because `online` is not reliable everywhere
  const jitterMs = context.online
    ? backoffMs(streak.failures, context.random, context.backoff)
    : Math.floor((context.backoff.maxMs * (1 + context.random)) / 2);
  const notBeforeMs = context.nowMs + retryAfterMs;
  return {
    state: { name: 'backoff', streak, wasLive, notBeforeMs },
    effects: [...leave, timer(retryAfterMs + jitterMs)],
  };
}

function isFinal(error: HubClientError, refused: boolean, streak: Streak, context: ConnectionContext): boolean {
  if (refused) return !context.tokenRenewable || streak.refusals >= maxRefusals;
  return !error.retryable;
}

function closed(error: HubClientError | null): Transition {
  const report: readonly ConnectionEffect[] = error === null ? [] : [{ type: 'report', error }];
  return { state: { name: 'closed', error }, effects: [{ type: 'clear-timer' }, { type: 'disconnect' }, ...report] };
}

function refreshDue(state: Live, context: ConnectionContext): Transition {
  if (state.refreshAtMs === null) return unchanged(state);
  if (context.nowMs < state.refreshAtMs) return armRefresh(state, context);
  return { state: { ...state, refreshAtMs: null }, effects: [{ type: 'refresh-token' }] };
}

function isRefreshing(state: Live, context: ConnectionContext): boolean {
  return context.tokenRenewable && state.refreshAtMs === null;
}

function armRefresh(state: Live, context: ConnectionContext): Transition {
  const { refreshAtMs } = state;
  if (refreshAtMs === null) return { state, effects: [{ type: 'clear-timer' }] };
  return { state, effects: [timer(refreshAtMs - context.nowMs)] };
}

/** A tenth of the lifetime ahead, 5 s to 1 min, doubled at random so that tokens issued together are not renewed together. */
function refreshAt(expiresAtMs: number, context: ConnectionContext): number {
  const leftMs = expiresAtMs - context.nowMs;
  const leadMs = Math.min(60_000, Math.max(5_000, leftMs / 10)) * (1 + context.random);
  return context.nowMs + Math.max(1_000, Math.floor(leftMs - leadMs));
}

function refreshRetryAt(expiresAtMs: number, context: ConnectionContext): number {
  const leftMs = expiresAtMs - context.nowMs;
  return context.nowMs + Math.max(1_000, Math.min(30_000, Math.floor(leftMs / 2)));
}

function timer(delayMs: number): ConnectionEffect {
  return { type: 'set-timer', delayMs: Math.min(maxTimerMs, Math.max(0, delayMs)) };
}

function unchanged(state: ConnectionState): Transition {
  return { state, effects: [] };
}
