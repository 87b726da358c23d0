import { createServer, type Server as HttpServer } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Server, Socket } from 'socket.io';
import { type Engine, type EngineParts, portTaken } from './engine.ts';
import { refusalResponse } from './knock.ts';
import { nodeKnock, refuseUpgrade, serveNode } from './node-http.ts';
import { bufferedBytesOf, terminateSocket, writePacket } from './socket-connection.ts';
import { maxHeaderBytes } from './uws/load-uws.ts';
import { WsSockets } from './sockets/ws-sockets.ts';

/** Node's own are minutes: a stranger who sends a header a minute would keep a connection. */
const nodeLimits = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: maxHeaderBytes,
};

/** Socket.IO on `ws` and the HTTP server of Node: in plain JavaScript, wherever uWebSockets.js does not run. */
export function wsEngine(io: Server, { options, exchange, refusalOf, sockets }: EngineParts): Engine {
  const http: HttpServer = createServer(nodeLimits);
  io.attach(http);
  // engine.io would answer long polling in its own words
  http.removeAllListeners('request').on('request', serveNode(exchange.handle));
  const upgrades = http.listeners('upgrade');
  const services = options.services.map((service) => new WsSockets(service, { options, sockets }));
  http.removeAllListeners('upgrade').on('upgrade', (request, socket, head) => {
    // as on uWebSockets.js: it came on a connection that was kept open, and is for a balancer to take to another node
    if (exchange.isEnding) return void socket.destroy();
    const path = request.url?.split('?', 1)[0];
    const service = services.find((each) => each.path === path);
    if (service !== undefined) return service.upgrade(request, socket, head);
    const knock = nodeKnock(request, options.trustedProxies);
    const refusal = refusalOf(knock);
    if (refusal !== undefined) return refuseUpgrade(socket, refusalResponse(refusal, knock.origin));
    for (const upgrade of upgrades) upgrade.call(http, request, socket, head);
  });
  const namespace = io.of('/');
  // closed, but Socket.IO does not know it before the next turn
  const closing = new WeakSet<Socket>();
  const publishTo = (socket: Socket, packet: string): void => {
    if (closing.has(socket)) return;
    if (bufferedBytesOf(socket) > options.maxBufferedBytes) {
      closing.add(socket);
      options.onSlowConsumer(socket.id);
      return terminateSocket(socket);
    }
    writePacket(socket, packet);
  };
  return {
    name: 'ws',
    listen: () =>
      new Promise((resolve, reject) => {
        http.once('error', (error) => reject(portTaken(options, error)));
        http.listen(options.port, options.host, () => {
          const address = http.address();
          resolve(typeof address === 'object' && address !== null ? address.port : options.port);
        });
      }),
    // the server of `net`: that of `http` would close idle connections at once, also under a request that is on its way
    stopListening: () => void NetServer.prototype.close.call(http),
    publish: (room, packet) => {
      for (const id of namespace.adapter.rooms.get(room) ?? []) {
        const socket = namespace.sockets.get(id);
        if (socket !== undefined) publishTo(socket, packet);
      }
    },
    publishAll: (packet) => {
      for (const socket of namespace.sockets.values()) publishTo(socket, packet);
    },
    close: () => {
      for (const service of services) service.close();
      http.closeAllConnections();
    },
  };
}
