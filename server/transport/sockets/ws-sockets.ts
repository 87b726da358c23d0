import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { every, type Loop } from '../../turns/every.ts';
import { refusalResponse } from '../knock.ts';
import { headersOf, nodeKnock, refuseUpgrade } from '../node-http.ts';
import type { RawSocket, ServedSockets } from './served-sockets.ts';
import { serviceRefusal, type SocketService } from './socket-service.ts';
import type { TransportOptions } from '../transport.ts';

/** A client that answers no ping before the next is gone. */
const pingMs = 30_000;

interface WsSocketsOptions {
  readonly options: Pick<TransportOptions, 'maxMessageBytes' | 'admit' | 'trustedProxies'>;
  readonly sockets: ServedSockets;
}

/** The WebSockets of one service on `ws`. */
export class WsSockets {
  readonly #service: SocketService;
  readonly #given: WsSocketsOptions;
  readonly #server: WebSocketServer;
  readonly #answered = new WeakSet<WebSocket>();
  readonly #pings: Loop;

  constructor(service: SocketService, given: WsSocketsOptions) {
    this.#service = service;
    this.#given = given;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: given.options.maxMessageBytes,
      perMessageDeflate: false,
      handleProtocols: () => service.protocol,
    });
    this.#pings = every(pingMs, () => this.#ping());
  }

  get path(): string {
    return this.#service.path;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { admit, trustedProxies } = this.#given.options;
    const knock = nodeKnock(request, trustedProxies);
    const refusal = serviceRefusal(this.#service, request.headers['sec-websocket-protocol'], knock, admit);
    if (refusal !== undefined) return refuseUpgrade(socket, refusalResponse(refusal, knock.origin));
    this.#server.handleUpgrade(request, socket, head, (opened) => this.#opened(opened, request, knock.address));
  }

  close(): void {
    void this.#pings.stop();
    for (const socket of this.#server.clients) socket.terminate();
  }

  #opened(socket: WebSocket, request: IncomingMessage, address: string): void {
    const { sockets } = this.#given;
    const peer = request.socket.remoteAddress ?? '';
    const raw = { ...rawSocket(socket), send: (text: string) => socket.send(text, () => drain()) };
    const served = sockets.open(raw, address, this.#service, { peer, headers: headersOf(request) });
    const drain = (): void => {
      if (socket.bufferedAmount === 0) served.drained();
    };
    this.#answered.add(socket);
    socket.on('pong', () => this.#answered.add(socket));
    socket.on('message', (data, isBinary) =>
      served.received(isBinary || !Buffer.isBuffer(data) ? undefined : data.toString()),
    );
    // of a message that is too large, or no WebSocket message: `ws` closes
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => sockets.gone(served, code, reason.toString()));
  }

  #ping(): void {
    for (const socket of this.#server.clients) {
      if (this.#answered.delete(socket)) socket.ping();
      else socket.terminate();
    }
  }
}

function rawSocket(socket: WebSocket): Omit<RawSocket, 'send'> {
  return {
    bufferedBytes: () => socket.bufferedAmount,
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  };
}
