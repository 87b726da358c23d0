import { refusalResponse } from '../knock.ts';
import type { ServedSocket, ServedSockets } from '../sockets/served-sockets.ts';
import { serviceRefusal, type SocketRequest, type SocketService } from '../sockets/socket-service.ts';
import type { TransportOptions } from '../transport.ts';
import type { UwsApp, UwsRequest, UwsResponse, UwsWebSocket } from './load-uws.ts';
import { headersOf, writeUws } from './uws-http.ts';
import { knockOf } from './uws-knock.ts';

/** A client that answers no ping for so long is gone. */
const idleSeconds = 60;

/** What a socket of the engine is known by. */
class OpenedSocket {
  readonly request: SocketRequest;
  readonly address: string;
  served: ServedSocket | undefined;

  constructor(request: SocketRequest, address: string) {
    this.request = request;
    this.address = address;
  }
}

interface UwsSocketsOptions {
  readonly options: Pick<TransportOptions, 'maxMessageBytes' | 'maxBufferedBytes' | 'admit' | 'trustedProxies'>;
  readonly sockets: ServedSockets;
  /** True when no new sockets are taken. */
  readonly isEnding: () => boolean;
}

function openedOf(socket: UwsWebSocket): OpenedSocket {
  // the engine keeps the members of what it was given, in an object of its own
  const kept = socket.getUserData();
  const opened: unknown = typeof kept === 'object' && kept !== null ? Reflect.get(kept, 'opened') : undefined;
  if (opened instanceof OpenedSocket) return opened;
  throw new TypeError('not a socket of a service');
}

/** Serves a service on uWebSockets.js. */
export function serveUwsSockets(app: UwsApp, service: SocketService, given: UwsSocketsOptions): void {
  const { options, sockets, isEnding } = given;
  app.ws(service.path, {
    maxPayloadLength: options.maxMessageBytes,
    maxBackpressure: options.maxBufferedBytes,
    closeOnBackpressureLimit: true,
    idleTimeout: idleSeconds,
    upgrade: (response: UwsResponse, request: UwsRequest, context: unknown) => {
      if (isEnding()) return void response.close();
      const knock = knockOf(response, request, options.trustedProxies);
      const headers = headersOf(request);
      const refusal = serviceRefusal(service, headers['sec-websocket-protocol'], knock, options.admit);
      if (refusal !== undefined) return void writeUws(response, refusalResponse(refusal, knock.origin), 'GET');
      const peer = Buffer.from(response.getRemoteAddressAsText()).toString();
      const opened = new OpenedSocket({ peer, headers }, knock.address);
      const [key = '', extensions = ''] = [headers['sec-websocket-key'], headers['sec-websocket-extensions']];
      response.upgrade({ opened }, key, service.protocol, extensions, context);
    },
    open: (socket: UwsWebSocket) => {
      const raw = {
        send: (text: string) => void socket.send(text),
        bufferedBytes: () => socket.getBufferedAmount(),
        close: (code: number, reason: string) => socket.end(code, reason),
        terminate: () => socket.close(),
      };
      const opened = openedOf(socket);
      opened.served = sockets.open(raw, opened.address, service, opened.request);
    },
    message: (socket: UwsWebSocket, message: ArrayBuffer, isBinary: boolean) =>
      openedOf(socket).served?.received(isBinary ? undefined : Buffer.from(message).toString()),
    drain: (socket: UwsWebSocket) => {
      if (socket.getBufferedAmount() === 0) openedOf(socket).served?.drained();
    },
    close: (socket: UwsWebSocket, code: number, reason: ArrayBuffer) => {
      const { served } = openedOf(socket);
      if (served !== undefined) sockets.gone(served, code, Buffer.from(reason).toString());
    },
  });
}
