/*
 * The life of one hub object's connection as a pure function: (state, event, context) -> (state, effects).
 *
 * Written with callbacks around a socket, the same logic ends in flags that contradict each other: a retry timer that
 * fires after close(), two sockets after a slow token, a tight loop when a hub accepts and drops at once. Here every
 * state carries exactly the facts that are true in it, each owns at most one timer, and the driver (connection.ts) is
 * the only place with sockets, timers and a clock. The transitions are in next-connection.ts and draining.ts.
 *
 *   connecting --welcomed--> live --failed--> backoff --timer/wake--> recovering --welcomed--> live
 *       |                     |                  ^                        |
 *       +------failed---------|------------------+---------failed---------+
 *       +---------------------+----- close, or a permanent error ------------------> closed
 *
 * `connecting` and `recovering` do the same; they differ in whether the application was live before.
 *
 * `draining` is `live` on a node that is about to stop: a second socket, the next, is opened and catches up while the
 * first keeps delivering.
 *
 *   live --goaway--> draining: waiting --timer--> opening --next-welcomed--> catching-up --caught-up--> live on the next
 *                                 ^                  |                           |
 *                                 +------------------+------next-failed----------+
 *
 * If the first breaks, `opening` becomes `recovering` and `catching-up` becomes `live`, both on the next.
 */
import type { GoawayMessage } from '../../channels/protocol/down.ts';
import type { HubClientError } from '../hub-client-error.ts';
import type { BackoffBounds } from './backoff.ts';

/** Consecutive failures; reset once a connection has lasted `stableMs`. */
export interface Streak {
  readonly failures: number;
  /** Failures because of a refused token. */
  readonly refusals: number;
}

/**
 * Where the connection of one hub object is, with the facts that are true there. Times are ms of the clock in {@link
 * ConnectionContext}.
 */
export type ConnectionState =
  | { readonly name: 'connecting'; readonly streak: Streak }
  | { readonly name: 'recovering'; readonly streak: Streak }
  | {
      readonly name: 'live';
      readonly streak: Streak;
      readonly sinceMs: number;
      readonly expiresAtMs: number;
      /** When the token is due for renewal; null if it cannot be renewed or a renewal is in progress. */
      readonly refreshAtMs: number | null;
    }
  | {
      readonly name: 'draining';
      /** Of the first socket, like `sinceMs`. */
      readonly streak: Streak;
      readonly sinceMs: number;
      /** When the hub closes the first socket. */
      readonly deadlineAtMs: number;
      readonly next: NextSocket;
    }
  | {
      readonly name: 'backoff';
      readonly streak: Streak;
      readonly wasLive: boolean;
      /** Earliest time for a reconnect, requested by the hub. */
      readonly notBeforeMs: number;
    }
  | { readonly name: 'closed'; readonly error: HubClientError | null };

/** The socket that replaces one that the hub is about to close. */
export type NextSocket = { readonly streak: Streak } & (
  | { readonly phase: 'waiting' | 'opening' }
  /** The hub refused it permanently. The first is used for as long as it lasts. */
  | { readonly phase: 'given-up' }
  | {
      readonly phase: 'catching-up';
      readonly sinceMs: number;
      readonly expiresAtMs: number;
      /** Its node is about to stop as well. */
      readonly goaway: Goaway | null;
    }
);

/**
 * What a node that is about to stop has asked for, as ms of the clock in {@link ConnectionContext}: when to open the next
 * socket, and when it closes this one.
 */
export interface Goaway {
  readonly reconnectAtMs: number;
  readonly deadlineAtMs: number;
}

/** What may happen to a connection. The driver tells each of them once; those that mean nothing in a state change nothing. */
export type ConnectionEvent =
  | { readonly type: 'welcomed'; readonly expiresAtMs: number }
  /** The handshake failed, or the connection broke. */
  | { readonly type: 'failed'; readonly error: HubClientError }
  /** The node of the socket is about to stop. */
  | ({ readonly type: 'goaway' } & GoawayMessage)
  | { readonly type: 'next-welcomed'; readonly expiresAtMs: number }
  | { readonly type: 'next-failed'; readonly error: HubClientError }
  | ({ readonly type: 'next-goaway' } & GoawayMessage)
  /** Every subscription is live on the next socket, or will not be soon. */
  | { readonly type: 'caught-up' }
  | { readonly type: 'timer' }
  /** The network came back or the page became visible. */
  | { readonly type: 'wake' }
  | { readonly type: 'token-refreshed'; readonly expiresAtMs: number }
  | { readonly type: 'token-refresh-failed'; readonly error: HubClientError }
  | { readonly type: 'close' };

/** What the driver is to do, in the given order, before it tells the next event. */
export type ConnectionEffect =
  /** Get a token and open a socket. */
  | { readonly type: 'open' }
  /** Drop all sockets; their later messages are ignored. */
  | { readonly type: 'disconnect' }
  /** Get a token and open the next socket next to the first. */
  | { readonly type: 'open-next' }
  | { readonly type: 'drop-next' }
  /** The next socket becomes the first; drop the old one. */
  | { readonly type: 'promote-next' }
  /** Replaces the running timer. */
  | { readonly type: 'set-timer'; readonly delayMs: number }
  | { readonly type: 'clear-timer' }
  | { readonly type: 'refresh-token' }
  /** Check whether the sockets are still alive; after a sleep they may be dead without notice. */
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

/**
 * What an event leads to: the state from now on, and what is to be done for it. Both are new; no state is ever changed in
 * place.
 */
export interface Transition {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

/** Shorter connections do not reset the failures: a hub that accepts and drops at once must not be flooded. */
export const stableMs = 10_000;
/** A token function that keeps returning refused tokens will not recover; 5 leaves room for a rotation of keys. */
export const maxRefusals = 5;
/** setTimeout takes at most 2^31-1 ms (24.8 days); longer waits are made in steps. */
export const maxTimerMs = 24 * 3_600_000;
