/* Steps that several states of a connection share. */
import type { HubClientError } from '../hub-client-error.ts';
import { backoffMs } from './backoff.ts';
import {
  type ConnectionContext,
  type ConnectionEffect,
  type ConnectionState,
  maxRefusals,
  maxTimerMs,
  stableMs,
  type Streak,
  type Transition,
} from './connection-state.ts';

/** No socket is live: the first one is being opened. */
export type OpeningState = Extract<ConnectionState, { name: 'connecting' | 'recovering' }>;

/** One socket serves, and its node has not asked to leave. */
export type LiveState = Extract<ConnectionState, { name: 'live' }>;

/** The streak of a connection that has held. */
export const noFailures: Streak = { failures: 0, refusals: 0 };

/** Attempts to connect at once. */
export function open(name: OpeningState['name'], streak: Streak, context: ConnectionContext): Transition {
  return { state: { name, streak }, effects: [timer(context.connectTimeoutMs), { type: 'open' }] };
}

/** A socket serves that has got its welcome at `sinceMs`. */
export function live(
  { streak, sinceMs, expiresAtMs }: Pick<LiveState, 'streak' | 'sinceMs' | 'expiresAtMs'>,
  context: ConnectionContext,
): Transition {
  const refreshAtMs = context.tokenRenewable ? refreshAt(expiresAtMs, context) : null;
  return armRefresh({ name: 'live', streak, sinceMs, expiresAtMs, refreshAtMs }, context);
}

/** An attempt failed, or the connection broke, and there is no other socket. */
export function failed(
  before: Streak,
  wasLive: boolean,
  error: HubClientError,
  context: ConnectionContext,
): Transition {
  const plan = planRetry(before, error, context);
  if (plan === null) return closed(error);
  const leave: readonly ConnectionEffect[] = [{ type: 'disconnect' }, { type: 'report', error }];
  if (plan.delayMs === 0) {
    const again = open(wasLive ? 'recovering' : 'connecting', plan.streak, context);
    return { state: again.state, effects: [...leave, ...again.effects] };
  }
  const notBeforeMs = context.nowMs + (error.retryAfterMs ?? 0);
  return {
    state: { name: 'backoff', streak: plan.streak, wasLive, notBeforeMs },
    effects: [...leave, timer(plan.delayMs)],
  };
}

/** Failures before a connection that broke now. */
export function streakOf(
  { streak, sinceMs }: Pick<LiveState, 'streak' | 'sinceMs'>,
  context: ConnectionContext,
): Streak {
  return context.nowMs - sinceMs >= stableMs ? noFailures : streak;
}

/** Of a token; another may do. */
const refusals: ReadonlySet<string> = new Set(['unauthenticated', 'token-expired', 'token-revoked']);

/** The delay before the next attempt; null for a permanent error. */
export function planRetry(
  before: Streak,
  error: HubClientError,
  context: ConnectionContext,
): { readonly streak: Streak; readonly delayMs: number } | null {
  const refused = refusals.has(error.code);
  const streak = { failures: before.failures + 1, refusals: before.refusals + (refused ? 1 : 0) };
  if (isFinal(error, refused, streak, context)) return null;
  // the common case after a sleep: a new token is all that is missing, so there is nothing to wait for
  if (error.code === 'token-expired' && streak.failures === 1) return { streak, delayMs: 0 };
  // without a network the retries only continue because `online` is not reliable everywhere
  const jitterMs = context.online
    ? backoffMs(streak.failures, context.random, context.backoff)
    : Math.floor((context.backoff.maxMs * (1 + context.random)) / 2);
  return { streak, delayMs: Math.max(1, (error.retryAfterMs ?? 0) + jitterMs) };
}

function isFinal(error: HubClientError, refused: boolean, streak: Streak, context: ConnectionContext): boolean {
  if (refused) return !context.tokenRenewable || streak.refusals >= maxRefusals;
  return !error.retryable;
}

/** The end. */
export function closed(error: HubClientError | null): Transition {
  const report: readonly ConnectionEffect[] = error === null ? [] : [{ type: 'report', error }];
  return { state: { name: 'closed', error }, effects: [{ type: 'clear-timer' }, { type: 'disconnect' }, ...report] };
}

/** Stays in the state and sets its one timer to when the token is due; without such a time the timer is stopped. */
export function armRefresh(state: LiveState, context: ConnectionContext): Transition {
  const { refreshAtMs } = state;
  if (refreshAtMs === null) return { state, effects: [{ type: 'clear-timer' }] };
  return { state, effects: [timer(refreshAtMs - context.nowMs)] };
}

/** A tenth of the lifetime ahead, 5 s to 1 min, doubled at random so that tokens issued together are not renewed together. */
export function refreshAt(expiresAtMs: number, context: ConnectionContext): number {
  const leftMs = expiresAtMs - context.nowMs;
  const leadMs = Math.min(60_000, Math.max(5_000, leftMs / 10)) * (1 + context.random);
  return context.nowMs + Math.max(1_000, Math.floor(leftMs - leadMs));
}

/**
 * Replaces the running timer. The delay is brought into 0 to {@link maxTimerMs}: a timer may ring early, and the state
 * decides again.
 */
export function timer(delayMs: number): ConnectionEffect {
  return { type: 'set-timer', delayMs: Math.min(maxTimerMs, Math.max(0, delayMs)) };
}

/** The event means nothing here: same state, nothing to do. */
export function unchanged(state: ConnectionState): Transition {
  return { state, effects: [] };
}
