import {
  Manager,
  type ManagerOptions,
  NodeWebSocket as PlatformTransport,
  type Socket,
  WebSocket as WebSocketTransport,
} from 'socket.io-client';
import { isJsonObject } from '../../channels/event/json.ts';
import type { DownEvents, NoticeMessage } from '../../channels/protocol/down.ts';
import type { ErrorCode } from '../../channels/protocol/error-code.ts';
import type { ConnectAuth, UpEvents } from '../../channels/protocol/up.ts';
import { HubClientError, isWireError } from '../hub-client-error.ts';

/** A constructor like the WebSocket of browsers: `new WebSocket(url)`. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => object;

/** Messages of the hub, and the end of the link. */
export type LinkHandlers = {
  readonly [Name in keyof DownEvents]: DownEvents[Name];
} & {
  /** The handshake failed or the link broke. Called at most once, and never after `close()`. */
  readonly failed: (error: HubClientError) => void;
};

/** Messages about live searches. */
export type SearchEventName = 'result' | 'delta' | 'searchended';

/** The user of a link: receives its messages, and may send requests while it is up. */
export interface SessionHandlers extends Omit<LinkHandlers, 'failed' | 'welcome' | 'goaway'> {
  /** Subscriptions for the CONNECT payload, and from where they resume. */
  readonly connectPayload: () => Pick<ConnectAuth, 'cursor' | 'subscriptions'>;
  /** The session is open; `link` is valid until `down`. `features`: abilities of its hub. */
  readonly up: (link: Link, features: readonly string[]) => void;
  /** The session ended, or the handshake failed. Nothing follows. */
  readonly down: () => void;
}

/** Where one Socket.IO connection goes, what it says first, and who hears it. */
export interface LinkOptions {
  readonly url: URL;
  readonly WebSocket?: WebSocketConstructor;
  /** Called when the socket is open, as late as possible, for the CONNECT payload. */
  readonly auth: () => ConnectAuth;
  readonly handlers: LinkHandlers;
  readonly now: () => number;
}

type UpName = keyof UpEvents;
type Request<Name extends UpName> = Parameters<UpEvents[Name]>[0];
type Answer<Name extends UpName> = Parameters<Parameters<UpEvents[Name]>[1]>[0];

/** One Socket.IO connection, used once: it never reconnects by itself. */
export interface Link {
  /** Sends a request. The answer comes synchronously with its packet, so before any later frame. */
  readonly request: <Name extends UpName>(
    name: Name,
    payload: Request<Name>,
    answered: (answer: Answer<Name>) => void,
  ) => void;
  /** Reports a failure if the hub has been silent for longer than the heartbeat allows. */
  readonly checkAlive: () => void;
  readonly close: () => void;
}

/** What socket.io passes on: nothing of it is known before it was looked at. */
type Heard = { readonly [Name in keyof DownEvents]: (message: unknown) => void };
/** Its types cannot follow the name of a request that is generic, so all are alike. */
type Asked = { readonly [Name in UpName]: (payload: object, answered: (answer: never) => void) => void };

/** A request without an answer for so long means a link that no longer works. */
const answerTimeoutMs = 15_000;
/** A notice explains the end of the connection only if the end follows soon. */
const noticeHoldsMs = 10_000;

/** Opens a link; reports by the handlers. */
export function openLink(options: LinkOptions): Link {
  const { handlers, now } = options;
  const manager = new Manager(baseUrl(options.url), managerOptions(options));
  const socket: Socket<Heard, Asked> = manager.socket('/', {
    auth: (give: (auth: object) => void) => give(options.auth()),
  });
  let closing: { readonly error: HubClientError; readonly atMs: number } | null = null;
  let open = true;

  const close = (): void => {
    open = false;
    socket.off();
    socket.disconnect();
    manager.off();
  };
  const fail = (error: HubClientError): void => {
    if (!open) return;
    close();
    handlers.failed(error);
  };

  for (const name of downNames) socket.on(name, guard(handlers[name]));
  const onNotice = guard((message: NoticeMessage) => {
    const error = closingError(message);
    if (error !== null) closing = { error, atMs: now() };
  });
  socket.on('notice', onNotice);
  // one that comes before the session says why there will be none; the socket itself keeps it until it is open
  manager.on('packet', ({ data }) => {
    if (!socket.connected && Array.isArray(data) && data[0] === 'notice') onNotice(data[1]);
  });
  socket.on('connect_error', (error) => fail(connectError(error, options.url)));
  socket.on('disconnect', (reason) => {
    const told = closing !== null && now() - closing.atMs <= noticeHoldsMs ? closing.error : null;
    fail(told ?? disconnectError(reason));
  });
  socket.connect();
  const pulse = watchPulse(manager, now);

  return {
    request: (name, payload, answered) => {
      const done = (error: Error | null, answer?: Parameters<typeof answered>[0]): void => {
        if (!open) return;
        if (error !== null || answer === undefined)
          fail(unreachable(`no answer to ${name} within ${answerTimeoutMs} ms`));
        else answered(answer);
      };
      const event: UpName = name;
      socket.timeout(answerTimeoutMs).emit(event, payload, done);
    },
    checkAlive: () => {
      if (pulse.isLost()) fail(unreachable('the connection went silent while the device slept'));
    },
    close,
  };
}

const downNames = [
  'welcome',
  'subscribed',
  'live',
  'snapshot',
  'replay',
  'events',
  'cursor',
  'stale',
  'goaway',
  'policy',
  'ended',
  'notice',
  'result',
  'delta',
  'searchended',
] as const satisfies readonly (keyof DownEvents)[];

/** A message that is not an object is not of this protocol; a newer hub's unknown messages never reach a handler. */
function guard(handler: (message: never) => void): (message: unknown) => void {
  return (message) => {
    if (typeof message === 'object' && message !== null) handler(message as never);
  };
}

function managerOptions({ url, WebSocket }: LinkOptions): Partial<ManagerOptions> {
  return {
    path: `${url.pathname.replace(/\/+$/u, '')}/socket.io/`,
    transports: [transportOn(WebSocket)],
    reconnection: false,
    autoConnect: false,
    forceNew: true,
  };
}

/**
 * Engine.IO's own transport on the given constructor, or on what the platform has (`ws` in Node, else its WebSocket).
 * A constructor that throws, as browsers do for ws: from an https page, is turned into a failure: Engine.IO reports
 * that before it listens, and the link would hang until its deadline.
 */
function transportOn(WebSocket: WebSocketConstructor | undefined): typeof WebSocketTransport {
  const Base = WebSocket === undefined ? PlatformTransport : WebSocketTransport;
  return class extends Base {
    override createSocket(...args: Parameters<WebSocketTransport['createSocket']>): object {
      try {
        return WebSocket === undefined ? super.createSocket(...args) : new WebSocket(args[0], args[1]);
      } catch (error) {
        return failingSocket(error);
      }
    }
  };
}

function failingSocket(error: unknown): object {
  const socket = { onerror: (_error: unknown): void => undefined, send: () => undefined, close: () => undefined };
  queueMicrotask(() => socket.onerror(error));
  return socket;
}

/** Without path, or Socket.IO would take it for a namespace. */
function baseUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.search}`;
}

/**
 * Remembers by wall clock when the hub was last heard; timers stop while a device sleeps. To be called once the
 * manager has its engine: the handshake is told on that only.
 */
function watchPulse(manager: Manager, now: () => number): { readonly isLost: () => boolean } {
  let heardMs = now();
  let silenceMs = 45_000; // the default of Engine.IO, 25 s + 20 s, until the handshake tells
  manager.engine.on('handshake', (data) => {
    heardMs = now();
    silenceMs = data.pingInterval + data.pingTimeout;
  });
  manager.on('ping', () => (heardMs = now()));
  return { isLost: () => now() - heardMs > silenceMs };
}

function connectError(error: Error & { data?: unknown; description?: unknown }, url: URL): HubClientError {
  if (isWireError(error.data)) return HubClientError.fromWire(error.data);
  const cause = isJsonObject(error.description) ? error.description['message'] : undefined;
  const detail = typeof cause === 'string' && cause !== '' ? cause : error.message;
  return unreachable(`cannot reach the hub at ${url.host}: ${detail}`, error);
}

function disconnectError(reason: string): HubClientError {
  return reason === 'io server disconnect'
    ? new HubClientError('disconnected', 'the hub closed the session', { retryable: true })
    : unreachable(`the connection broke: ${reason}`);
}

type Announcement = Exclude<NoticeMessage['code'], ErrorCode>;
const announcements: Readonly<Record<Announcement, true>> = {
  stale: true,
  fresh: true,
  gap: true,
  degraded: true,
  restored: true,
  'nothing-granted': true,
};

/** After these the connection stays open. */
function isAnnouncement(code: NoticeMessage['code']): code is Announcement {
  return Object.hasOwn(announcements, code);
}

/**
 * The error of a notice, if it is one that a connection may end with. A notice has no `retryable`. All are retryable: a
 * permanent error is refused with its reason at the next connect.
 */
function closingError({ code, message, retryAfterMs }: NoticeMessage): HubClientError | null {
  if (isAnnouncement(code)) return null;
  return new HubClientError(code, message, {
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** The hub was not reached, or the connection broke; always retryable. */
export function unreachable(message: string, cause?: unknown): HubClientError {
  return new HubClientError('unreachable', message, { retryable: true, cause });
}
