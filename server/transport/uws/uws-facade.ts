import type { HubError } from '../../../channels/protocol/hub-error.ts';
import { type Knock, refusalResponse } from '../knock.ts';
import type { UwsApp, UwsRequest, UwsResponse, UwsWebSocket } from './load-uws.ts';
import { writeUws } from './uws-http.ts';
import { knockOf } from './uws-knock.ts';

export interface UwsFacadeOptions {
  readonly maxBufferedBytes: number;
  /** Called once for a socket. */
  readonly onDropped: (socket: UwsWebSocket) => void;
  /** True when no new sockets are taken. */
  readonly isEnding: () => boolean;
  /** Why a handshake is refused; undefined lets it in. */
  readonly refusalOf: (knock: Knock) => HubError | undefined;
  readonly trustedProxies: number;
}

/** What engine.io gives for its WebSocket route. */
interface EngineBehavior extends Readonly<Record<string, unknown>> {
  readonly upgrade: (response: UwsResponse, ...rest: readonly unknown[]) => void;
}

export interface UwsFacade {
  /** For Socket.IO's `attachApp`. */
  readonly app: object;
  /** To be called before every publish. */
  closeDropped(): void;
}

/**
 * What stands between Socket.IO and uWebSockets.js so that nothing is lost silently.
 *
 * engine.io ignores the result of uWS `send` and sets no limit of its own: above uWS's default of 64 KiB unread bytes
 * messages simply vanish, pings and acknowledgements included, and the client never learns it. The options that help
 * cannot be reached through Socket.IO. So `attachApp` gets this facade, which passes everything on and adds to the one
 * WebSocket route: a larger limit, closing at it, and a handler that dooms a socket when uWS drops a message of it. The
 * client then reconnects and is told, instead of living on with a hole.
 *
 * A doomed socket cannot be closed in the handler: uWS calls it while it walks through the subscribers of a topic, and
 * a close takes the socket out of the list under its feet, which ends the process. So it is closed before the next
 * publish, so that nothing can follow the hole, and in the next turn at the latest.
 */
export function uwsFacade(app: UwsApp, options: UwsFacadeOptions): UwsFacade {
  const doomed = new Set<UwsWebSocket>();
  const closeDropped = (): void => {
    if (doomed.size === 0) return;
    for (const socket of doomed) closeQuietly(socket);
    doomed.clear();
  };
  const facade = {
    // engine.io would answer long polling here, in its own words; that falls through to the hub's own HTTP
    any: () => facade,
    get: (...args: Parameters<UwsApp['get']>) => (app.get(...args), facade),
    publish: (...args: Parameters<UwsApp['publish']>) => app.publish(...args),
    ws: (pattern: string, { upgrade, ...behavior }: EngineBehavior) => {
      app.ws(pattern, {
        ...behavior,
        maxBackpressure: options.maxBufferedBytes,
        closeOnBackpressureLimit: true,
        sendPingsAutomatically: false,
        // it came on a connection that was kept open: without an answer a balancer takes it to another node
        upgrade: (response: UwsResponse, request: UwsRequest, ...rest: readonly unknown[]) => {
          if (options.isEnding()) return void response.close();
          const knock = knockOf(response, request, options.trustedProxies);
          const refusal = options.refusalOf(knock);
          if (refusal !== undefined) return void writeUws(response, refusalResponse(refusal, knock.origin), 'GET');
          upgrade(response, request, ...rest);
        },
        dropped: (socket: UwsWebSocket) => {
          if (doomed.has(socket)) return;
          doomed.add(socket);
          options.onDropped(socket);
          setImmediate(closeDropped);
        },
      });
      return facade;
    },
  };
  return { app: facade, closeDropped };
}

function closeQuietly(socket: UwsWebSocket): void {
  try {
    socket.close();
  } catch {
    // uWS closed it meanwhile
  }
}
