import type { UwsApp, UwsWebSocket } from './load-uws.ts';

/**
 * What stands between Socket.IO and uWebSockets.js so that nothing is lost silently.
 *
 * engine.io ignores the result of uWS `send` and sets no limit of its own: above uWS's default of 64 KiB unread bytes
 * messages simply vanish, pings and acknowledgements included, and the client never learns it. The options that help
 * cannot be reached through Socket.IO. So `attachApp` gets this facade, which passes everything on and adds to the one
 * WebSocket route: a larger limit, closing at it, and a handler that closes at once when uWS drops a message. The
 * client then reconnects and is told, instead of living on with a hole.
 */
export function uwsFacade(app: UwsApp, options: { readonly maxBufferedBytes: number; readonly onDropped: (socket: UwsWebSocket) => void }): object {
  const facade = {
    any: (...args: Parameters<UwsApp['any']>) => (app.any(...args), facade),
    get: (...args: Parameters<UwsApp['get']>) => (app.get(...args), facade),
    publish: (...args: Parameters<UwsApp['publish']>) => app.publish(...args),
    ws: (pattern: string, behavior: Readonly<Record<string, unknown>>) => {
      app.ws(pattern, {
        ...behavior,
        maxBackpressure: options.maxBufferedBytes,
        closeOnBackpressureLimit: true,
        sendPingsAutomatically: false,
        dropped: (socket: UwsWebSocket) => {
          options.onDropped(socket);
          socket.close();
        },
      });
      return facade;
    },
  };
  return facade;
}
