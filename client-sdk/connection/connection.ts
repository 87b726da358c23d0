import type { ConnectAuth } from '../../channels/protocol/up.ts';
import { type ProtocolRange, protocolText } from '../../channels/protocol/version.ts';
import { HubClientError } from '../hub-client-error.ts';
import type { BackoffBounds } from './backoff.ts';
import type {
  ConnectionContext,
  ConnectionEffect,
  ConnectionEvent,
  ConnectionState,
  Transition,
} from './connection-state.ts';
import type { Environment } from './environment.ts';
import { type Link, openLink, type SessionHandlers, unreachable, type WebSocketConstructor } from './link.ts';
import { nextConnection, startConnection } from './next-connection.ts';
import { getToken, type TokenSource } from './token-source.ts';

/** Callbacks of the connection to its owner. */
interface ConnectionHandlers {
  /** A link is about to be opened: who uses it? Call `settled` when nothing on it needs to be waited for. */
  readonly session: (settled: () => void) => SessionHandlers;
  readonly state: (state: ConnectionState) => void;
  readonly error: (error: HubClientError) => void;
}

/**
 * To whom a connection speaks, as whom, and by what means. Sockets, clock and timers come from here, so that tests can stand
 * in for them.
 */
export interface ConnectionOptions {
  readonly url: URL;
  readonly token: TokenSource;
  readonly client: string;
  /** Protocol versions that this library supports; each connection negotiates one. */
  readonly protocols: ProtocolRange;
  readonly backoff: BackoffBounds;
  readonly WebSocket?: WebSocketConstructor;
  readonly environment: Environment;
  readonly handlers: ConnectionHandlers;
}

/** Token, socket and welcome together; generous for a mobile network, short enough to try another node. */
const connectTimeoutMs = 20_000;

/** One socket, from the call for its token to its end. */
interface Slot {
  readonly session: SessionHandlers;
  link: Link | null;
}

type SocketEvent = Extract<ConnectionEvent, { readonly type: 'welcomed' | 'goaway' | 'failed' }>;

/** The same of the next socket. */
function ofNext(event: SocketEvent): ConnectionEvent {
  switch (event.type) {
    case 'welcomed':
      return { ...event, type: 'next-welcomed' };
    case 'goaway':
      return { ...event, type: 'next-goaway' };
    case 'failed':
      return { ...event, type: 'next-failed' };
  }
}

/** The driver of connection-state.ts: does its effects and turns what happens into its events. No decisions here. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #stopListening: () => void;
  #state: ConnectionState;
  /** A token or message for a slot that is neither of these two comes too late and is ignored. */
  #first: Slot | null = null;
  #next: Slot | null = null;
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
        this.#first = this.#newSlot();
        return void this.#open(this.#first);
      case 'open-next':
        this.#next = this.#newSlot();
        return void this.#open(this.#next);
      case 'drop-next':
        return this.#drop(this.#next);
      case 'promote-next':
        return this.#promote();
      case 'disconnect':
        this.#drop(this.#next);
        return this.#drop(this.#first);
      case 'set-timer':
        this.#cancelTimer();
        this.#cancelTimer = this.#options.environment.setTimer(effect.delayMs, () => this.#dispatch({ type: 'timer' }));
        return undefined;
      case 'clear-timer':
        return this.#cancelTimer();
      case 'refresh-token':
        return void this.#refreshToken();
      case 'check-alive':
        this.#next?.link?.checkAlive();
        return this.#first?.link?.checkAlive();
      case 'report':
        return this.#options.handlers.error(effect.error);
      default:
        return effect satisfies never;
    }
  }

  #newSlot(): Slot {
    const slot: Slot = {
      session: this.#options.handlers.session(() => {
        if (slot === this.#next) this.#dispatch({ type: 'caught-up' });
      }),
      link: null,
    };
    return slot;
  }

  async #open(slot: Slot): Promise<void> {
    try {
      const token = await getToken(this.#options.token);
      if (this.#isCurrent(slot)) slot.link = this.#openLink(slot, token);
    } catch (thrown) {
      this.#tell(slot, { type: 'failed', error: asClientError(thrown) });
    }
  }

  #openLink(slot: Slot, token: string): Link {
    const { url, client, protocols, WebSocket, environment } = this.#options;
    const { session } = slot;
    return openLink({
      url,
      ...(WebSocket === undefined ? {} : { WebSocket }),
      now: environment.now,
      auth: (): ConnectAuth => ({
        token,
        protocol: protocols.newest,
        oldestProtocol: protocols.oldest,
        client,
        ...session.connectPayload(),
      }),
      handlers: {
        ...session,
        welcome: ({ protocol, features, expiresAt }) => {
          if (!(protocol >= protocols.oldest && protocol <= protocols.newest)) {
            slot.link?.close();
            return this.#tell(slot, { type: 'failed', error: notSpoken(protocol, protocols) });
          }
          this.#tell(slot, { type: 'welcomed', expiresAtMs: expiryMs(expiresAt) });
          if (this.#isCurrent(slot) && slot.link !== null) session.up(slot.link, features);
        },
        goaway: (message) => this.#tell(slot, { ...message, type: 'goaway' }),
        failed: (error) => this.#tell(slot, { type: 'failed', error }),
      },
    });
  }

  #isCurrent(slot: Slot): boolean {
    return slot === this.#first || slot === this.#next;
  }

  /** An event of a socket, under the name for the place that it has now. */
  #tell(slot: Slot, event: SocketEvent): void {
    if (this.#isCurrent(slot)) this.#dispatch(slot === this.#next ? ofNext(event) : event);
  }

  /** The next takes its place before the first ends, so that its subscriptions find a link to continue on. */
  #promote(): void {
    const before = this.#first;
    this.#first = this.#next;
    this.#next = null;
    before?.link?.close();
    before?.session.down();
  }

  #drop(slot: Slot | null): void {
    if (slot === null) return;
    if (slot === this.#next) this.#next = null;
    else this.#first = null;
    slot.link?.close();
    slot.session.down();
  }

  async #refreshToken(): Promise<void> {
    const slot = this.#first;
    const isFirst = (): boolean => slot === this.#first;
    try {
      const token = await getToken(this.#options.token);
      if (!isFirst()) return;
      slot?.link?.request('authenticate', { token }, (answer) => {
        if (!isFirst()) return;
        this.#dispatch(
          answer.ok
            ? { type: 'token-refreshed', expiresAtMs: expiryMs(answer.expiresAt) }
            : { type: 'token-refresh-failed', error: HubClientError.fromWire(answer.error) },
        );
      });
    } catch (thrown) {
      if (isFirst()) this.#dispatch({ type: 'token-refresh-failed', error: asClientError(thrown) });
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

/** An unreadable time must not cause token renewal in a loop. */
function expiryMs(expiresAt: string): number {
  const parsed = Date.parse(expiresAt);
  return Number.isNaN(parsed) ? Number.POSITIVE_INFINITY : parsed;
}

/** The hub violates the negotiation; a retry does not help. */
function notSpoken(protocol: number, protocols: ProtocolRange): HubClientError {
  const message = `the hub uses protocol ${protocol} on this connection, this library ${protocolText(protocols)}`;
  return new HubClientError('unsupported-protocol', message, { retryable: false });
}

function asClientError(thrown: unknown): HubClientError {
  if (thrown instanceof HubClientError) return thrown;
  return new HubClientError('internal', thrown instanceof Error ? thrown.message : String(thrown), {
    retryable: false,
    cause: thrown,
  });
}
