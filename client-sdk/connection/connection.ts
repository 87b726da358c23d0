import type { ConnectAuth, SubscribeRequest } from '../../channels/protocol/up.ts';
import { protocolVersion } from '../../channels/protocol/version.ts';
import { HubClientError } from '../hub-client-error.ts';
import type { BackoffBounds } from './backoff.ts';
import {
  type ConnectionContext,
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
  nextConnection,
  startConnection,
  type Transition,
} from './connection-state.ts';
import type { Environment } from './environment.ts';
import { type Link, type LinkHandlers, openLink, unreachable, type WebSocketConstructor } from './link.ts';
import { getToken, type TokenSource } from './token-source.ts';

/** What the connection tells its owner. */
type ConnectionHandlers = Omit<LinkHandlers, 'failed' | 'welcome'> & {
  /** The session is open; `link` is good until `down`. */
  readonly up: (link: Link) => void;
  /** The session is gone, or a handshake failed. */
  readonly down: () => void;
  readonly state: (state: ConnectionState) => void;
  readonly error: (error: HubClientError) => void;
  /** Subscriptions for the CONNECT payload. */
  readonly subscriptions: () => readonly SubscribeRequest[];
};

export interface ConnectionOptions {
  readonly url: URL;
  readonly token: TokenSource;
  readonly client: string;
  readonly backoff: BackoffBounds;
  readonly WebSocket?: WebSocketConstructor;
  readonly environment: Environment;
  readonly handlers: ConnectionHandlers;
}

/** Token, socket and welcome together; generous for a mobile network, short enough to try another node. */
const connectTimeoutMs = 20_000;

/** The driver of connection-state.ts: does its effects and turns what happens into its events. No decisions here. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #stopListening: () => void;
  #state: ConnectionState;
  #link: Link | null = null;
  /** Counts `open` and `disconnect`: a token or message that belongs to an earlier one is ignored. */
  #generation = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#stopListening = options.environment.onWake(() => this.#dispatch({ type: 'wake' }));
    const first = startConnection(this.#context());
    this.#state = first.state;
    this.#apply(first);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  close(): void {
    this.#dispatch({ type: 'close' });
  }

  #dispatch(event: ConnectionEvent): void {
    this.#apply(nextConnection(this.#state, event, this.#context()));
  }

  #apply({ state, effects }: Transition): void {
    const changed = state.name !== this.#state.name;
    this.#state = state;
    for (const effect of effects) {
      // a listener of a reported error may close the hub; the rest of these effects must not undo that
      if (this.#state !== state) return;
      this.#run(effect);
    }
    if (state.name === 'closed') this.#stopListening();
    if (changed && this.#state === state) this.#options.handlers.state(state);
  }

  #run(effect: ConnectionEffect): void {
    switch (effect.type) {
      case 'open':
        return void this.#open();
      case 'disconnect':
        return this.#disconnect();
      case 'set-timer':
        this.#cancelTimer();
        this.#cancelTimer = this.#options.environment.setTimer(effect.delayMs, () => this.#dispatch({ type: 'timer' }));
        return undefined;
      case 'clear-timer':
        return this.#cancelTimer();
      case 'refresh-token':
        return void this.#refreshToken();
      case 'check-alive':
        return this.#link?.checkAlive();
      case 'report':
        return this.#options.handlers.error(effect.error);
      default:
        return effect satisfies never;
    }
  }

  async #open(): Promise<void> {
    const generation = ++this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    try {
      const token = await getToken(this.#options.token);
      if (isCurrent()) this.#link = this.#openLink(token, isCurrent);
    } catch (thrown) {
      if (isCurrent()) this.#dispatch({ type: 'failed', error: asClientError(thrown) });
    }
  }

  #openLink(token: string, isCurrent: () => boolean): Link {
    const { url, client, WebSocket, environment, handlers } = this.#options;
    return openLink({
      url,
      ...(WebSocket === undefined ? {} : { WebSocket }),
      now: environment.now,
      auth: (): ConnectAuth => ({ token, protocol: protocolVersion, client, subscriptions: handlers.subscriptions() }),
      handlers: {
        ...handlers,
        welcome: ({ expiresAt }) => {
          this.#dispatch({ type: 'welcomed', expiresAtMs: expiryMs(expiresAt) });
          if (isCurrent() && this.#link !== null) handlers.up(this.#link);
        },
        failed: (error) => {
          if (isCurrent()) this.#dispatch({ type: 'failed', error });
        },
      },
    });
  }

  #disconnect(): void {
    this.#generation += 1;
    this.#link?.close();
    this.#link = null;
    this.#options.handlers.down();
  }

  async #refreshToken(): Promise<void> {
    const generation = this.#generation;
    try {
      const token = await getToken(this.#options.token);
      if (generation !== this.#generation) return;
      this.#link?.request('authenticate', { token }, (answer) => {
        this.#dispatch(
          answer.ok
            ? { type: 'token-refreshed', expiresAtMs: expiryMs(answer.expiresAt) }
            : { type: 'token-refresh-failed', error: HubClientError.fromWire(answer.error) },
        );
      });
    } catch (thrown) {
      if (generation === this.#generation)
        this.#dispatch({ type: 'token-refresh-failed', error: asClientError(thrown) });
    }
  }

  #context(): ConnectionContext {
    const { environment, token, backoff, url } = this.#options;
    return {
      nowMs: environment.now(),
      random: environment.random(),
      online: environment.isOnline(),
      tokenRenewable: typeof token === 'function',
      backoff,
      connectTimeoutMs,
      timeoutError: () => unreachable(`the hub at ${url.host} did not welcome us within ${connectTimeoutMs} ms`),
    };
  }
}

/** A time that cannot be read is no reason to renew a token in a loop. */
function expiryMs(expiresAt: string): number {
  const parsed = Date.parse(expiresAt);
  return Number.isNaN(parsed) ? Number.POSITIVE_INFINITY : parsed;
}

function asClientError(thrown: unknown): HubClientError {
  if (thrown instanceof HubClientError) return thrown;
  return new HubClientError('internal', thrown instanceof Error ? thrown.message : String(thrown), {
    retryable: false,
    cause: thrown,
  });
}
