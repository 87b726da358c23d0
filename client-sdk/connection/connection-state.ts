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
 *       +---------------------+----- close, or an error that no retry can heal -----> closed
 *
 * `connecting` and `recovering` do the same; they differ in whether the application was live before.
 *
 * `draining` is `live` on a node that is about to stop: a second socket, the next, is opened and catches up while the
 * first goes on delivering.
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

/** What has gone wrong in a row; forgotten once a connection has held for `stableMs`. */
export interface Streak {
  readonly failures: number;
  /** Failures that said that the token is not acceptable. */
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
      /** When the token is due for renewal; null if it cannot be renewed or a renewal is under way. */
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
      /** The hub asked not to come back before. */
      readonly notBeforeMs: number;
    }
  | { readonly name: 'closed'; readonly error: HubClientError | null };

/** The socket that is to replace one that the hub is about to close. */
export type NextSocket = { readonly streak: Streak } & (
  | { readonly phase: 'waiting' | 'opening' }
  /** The hub does not want us back. The first is used for as long as it lasts. */
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
  /** Drop all sockets; nothing that they say later counts. */
  | { readonly type: 'disconnect' }
  /** Get a token and open the next socket beside the first. */
  | { readonly type: 'open-next' }
  | { readonly type: 'drop-next' }
  /** The next socket is the first from now on; drop the one that was. */
  | { readonly type: 'promote-next' }
  /** Replaces the running timer. */
  | { readonly type: 'set-timer'; readonly delayMs: number }
  | { readonly type: 'clear-timer' }
  | { readonly type: 'refresh-token' }
  /** Find out whether the sockets still live; after a sleep they may be dead without anybody having noticed. */
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

/** Shorter-lived connections do not end a streak: a hub that accepts and drops at once must not be hammered. */
export const stableMs = 10_000;
/** A token function that keeps giving refused tokens will not get better; 5 leaves room for a rotation of keys. */
export const maxRefusals = 5;
/** setTimeout takes at most 2^31-1 ms (24.8 days); longer waits are made in steps. */
export const maxTimerMs = 24 * 3_600_000;
