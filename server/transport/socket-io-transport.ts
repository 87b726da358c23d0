import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server as NetServer } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { noticeOf } from '../../channels/protocol/notice-of.ts';
import { HttpExchange } from './http-exchange.ts';
import { maxHeaderBytes, type Uws, type UwsApp, type UwsWebSocket } from './uws/load-uws.ts';
import { type EngineSocket, guardInbound, type InboundHandlers, Peer, peerOf } from './inbound.ts';
import { type Knock, refusalOf as knockRefusal, refusalResponse, withoutPolling } from './knock.ts';
import { nodeKnock, peerAddress, refuseUpgrade, serveNode } from './node-http.ts';
import { engineMessage, packetText } from './packet.ts';
import {
  bufferedBytesOf,
  closeConnection,
  nativeOf,
  SocketConnection,
  terminateSocket,
  writePacket,
} from './socket-connection.ts';
import type { Connection, Transport, TransportOptions } from './transport.ts';
import { serveUws } from './uws/uws-http.ts';
import { uwsFacade } from './uws/uws-facade.ts';

/** Where the engines differ: how to listen, publish and stop. */
interface Engine {
  readonly name: Transport['engine'];
  listen(): Promise<number>;
  stopListening(): void;
  publish(room: string, packet: string): void;
  publishAll(packet: string): void;
  close(): void;
}

interface EngineParts {
  readonly options: TransportOptions;
  readonly exchange: HttpExchange;
  readonly refusalOf: (knock: Knock) => HubError | undefined;
}

type UpgradeListener = (this: HttpServer, request: IncomingMessage, socket: Duplex, head: Buffer) => void;

interface ConnectionData {
  context?: unknown;
}

const peerRequest = 'pursight:peer';
/** Node's own are minutes: a stranger who sends a header a minute would keep a connection. */
const nodeLimits = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: maxHeaderBytes,
};
/** A client that opens a socket and never says who it is costs memory; well-behaved ones answer within a round trip. */
const connectTimeoutMs = 10_000;
/** exclusive: two hubs on one port must fail, not share it */
const listenExclusively = 1;

function portTaken(options: TransportOptions, cause?: unknown): HubError {
  return new HubError(
    'config-invalid',
    `cannot listen on ${options.host}:${options.port}; is another process there? Set PURSIGHT_PORT`,
    { cause },
  );
}

function uwsEngine(uws: Uws, io: Server, { options, exchange, refusalOf }: EngineParts): Engine {
  const app: UwsApp = uws.App();
  let token: unknown;
  const onDropped = (socket: UwsWebSocket): void => {
    for (const each of io.of('/').sockets.values()) {
      if (nativeOf(each) === (socket as object)) return options.onSlowConsumer(each.id);
    }
  };
  const isEnding = (): boolean => exchange.isEnding;
  const { maxBufferedBytes, trustedProxies } = options;
  const facade = uwsFacade(app, { maxBufferedBytes, onDropped, isEnding, refusalOf, trustedProxies });
  const publish = (topic: string, packet: string): void => {
    facade.closeDropped();
    app.publish(topic, engineMessage(packet));
  };
  io.attachApp(facade.app);
  app.any('/*', serveUws(exchange.handle));
  return {
    name: 'uws',
    listen: () =>
      new Promise((resolve, reject) => {
        app.listen(options.host, options.port, listenExclusively, (listening) => {
          token = listening;
          if (listening) resolve(uws.us_socket_local_port(listening));
          else reject(portTaken(options));
        });
      }),
    stopListening: () => {
      if (token) uws.us_listen_socket_close(token);
      token = undefined;
    },
    // the topic name is the one that Socket.IO's uWS adapter subscribes sockets to
    publish: (room, packet) => publish(`/\x1f${room}`, packet),
    // every socket is subscribed to the topic of its namespace
    publishAll: (packet) => publish('/', packet),
    close: () => app.close(),
  };
}

function wsEngine(io: Server, { options, exchange, refusalOf }: EngineParts): Engine {
  const http: HttpServer = createServer(nodeLimits);
  io.attach(http);
  // engine.io would answer long polling in its own words
  http.removeAllListeners('request').on('request', serveNode(exchange.handle));
  const upgrades = http.listeners('upgrade') as UpgradeListener[];
  http.removeAllListeners('upgrade').on('upgrade', (request, socket, head) => {
    // as on uWebSockets.js: it came on a connection that was kept open, and is for a balancer to take to another node
    if (exchange.isEnding) return void socket.destroy();
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
    close: () => http.closeAllConnections(),
  };
}

/** What is left of every handshake: nothing. One object for all connections. */
const forgotten: Socket['handshake'] = {
  headers: {},
  time: '',
  address: '',
  xdomain: false,
  secure: false,
  issued: 0,
  url: '',
  query: {},
  auth: {},
};

/** The token and cookies must not stay in memory for the life of the connection, nor travel to other nodes. */
function scrub(socket: Socket): void {
  (socket as { handshake: Socket['handshake'] }).handshake = forgotten;
  (socket.conn as unknown as { request: unknown }).request = null;
}

function createIo(options: TransportOptions): Server {
  const io = new Server({
    serveClient: false,
    transports: ['websocket'],
    allowUpgrades: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: options.maxMessageBytes,
    connectTimeout: connectTimeoutMs,
    ...(options.socketAdapter === undefined ? {} : { adapter: options.socketAdapter as never }),
  });
  io.engine?.on?.('connection_error', () => undefined);
  return io;
}

/** Told before a session is there: a client of Socket.IO keeps it until it is, one of the hub looks at it at once. */
function noticePacket(error: HubError): string {
  return packetText('notice', noticeOf(error));
}

type Next = (error?: Error) => void;

/**
 * What passes by itself closes the transport, after which clients of Socket.IO come back; what does not is a CONNECT_ERROR,
 * after which they never do.
 */
function refuse(socket: Socket, error: HubError, next: Next): void {
  if (error.retryable) writePacket(socket, noticePacket(error));
  else next(Object.assign(new Error(error.message), { data: error.toWire() }));
  // a refused client has nothing more to say here
  setImmediate(() => closeConnection(socket.conn));
}

function authenticateAll(io: Server, options: TransportOptions, whoIs: (socket: Socket) => Peer): void {
  const asked = new WeakSet<object>();
  io.use((socket, next) => {
    if (asked.has(socket.conn)) {
      // sent before the first was answered, it would make another session beside it that no limit counts
      next(new Error('a connection has one session'));
      return void setImmediate(() => closeConnection(socket.conn));
    }
    asked.add(socket.conn);
    const data = socket.data as ConnectionData;
    options
      .authenticate({ auth: socket.handshake.auth, address: whoIs(socket).address })
      .then((context) => {
        data.context = context;
        next();
      })
      .catch((thrown: unknown) => refuse(socket, HubError.from(thrown), next))
      .finally(() => scrub(socket));
  });
}

/** Counts each socket from its handshake until it is gone, and bounds what it may send. */
function watchSockets(io: Server, options: TransportOptions): (socket: Socket) => Peer {
  const { trustedProxies, inbound, onSocket, onSocketGone, onFlood } = options;
  const handlers: InboundHandlers = {
    onRefused: (socket, peer, error) => {
      socket.write(noticePacket(error));
      closeConnection(socket);
      if (peer.session !== undefined) onFlood(peer.session);
    },
    onGone: (peer) => onSocketGone(peer.address),
  };
  io.engine.on('connection', (socket: EngineSocket) => {
    const peer = new Peer(peerAddress(socket.request, trustedProxies), inbound);
    onSocket(peer.address);
    guardInbound(socket, peer, handlers);
  });
  return ({ conn }) => peerOf(conn) ?? new Peer('', inbound);
}

/**
 * Socket.IO with WebSocket only, JSON only, on uWebSockets.js where `uws` is given, else on `ws`.
 * One per process: Socket.IO patches its adapter for uWS process-wide.
 */
export function createTransport(options: TransportOptions, uws: Uws | undefined): Transport {
  const io = createIo(options);
  const refusalOf = (knock: Knock): HubError | undefined => knockRefusal(knock, options.admit);
  const exchange = new HttpExchange(withoutPolling(options.onHttp, refusalOf));
  const parts = { options, exchange, refusalOf };
  const engine = uws === undefined ? wsEngine(io, parts) : uwsEngine(uws, io, parts);
  const connections = new Map<string, Connection>();
  io.engine.generateId = () => randomUUID();
  const peerOfSocket = watchSockets(io, options);
  authenticateAll(io, options, peerOfSocket);
  io.on('connection', (socket) => {
    const data = socket.data as ConnectionData;
    const peer = peerOfSocket(socket);
    peer.session = socket.id;
    const connection = new SocketConnection(socket, peer);
    connections.set(connection.id, connection);
    // Socket.IO gives each socket a room of its own, which nothing here publishes to
    void socket.leave(socket.id);
    connection.onClose(() => {
      connections.delete(connection.id);
      // a client that only leaves the namespace would keep a connection that no session stands for
      closeConnection(socket.conn);
    });
    socket.on('error', () => connection.terminate());
    const { context } = data;
    // socket.data travels to other nodes on request
    socket.data = {};
    try {
      options.onConnection(connection, context);
    } catch (error) {
      // in an event of Socket.IO: thrown on, it would end the process
      options.onFault(error);
      connection.terminate();
    }
  });
  io.on(peerRequest, (topic: string, payload: unknown, answer: unknown) => {
    if (typeof answer === 'function') answer(options.onPeerRequest(topic, payload));
  });
  return {
    engine: engine.name,
    listen: () => engine.listen(),
    stopListening: () => {
      exchange.endConnections();
      engine.stopListening();
    },
    answered: (withinMs) => exchange.answered(withinMs),
    publish: (room, packet) => engine.publish(room, packet),
    publishAll: (packet) => engine.publishAll(packet),
    connection: (id) => connections.get(id),
    get connectionCount() {
      return connections.size;
    },
    // the in-memory adapter of a single node has no peers to ask, and would never answer
    askPeers: async (topic, payload) => (options.socketAdapter === undefined ? [] : askPeers(io, topic, payload)),
    close: async () => {
      engine.stopListening();
      await io.close();
      engine.close();
    },
  };
}

function askPeers(io: Server, topic: string, payload: object): Promise<readonly unknown[]> {
  return new Promise((resolve) => {
    try {
      io.serverSideEmit(peerRequest, topic, payload, (_error: Error | null, answers: readonly unknown[] | undefined) =>
        resolve(answers ?? []),
      );
    } catch {
      // the control bus is away
      resolve([]);
    }
  });
}
