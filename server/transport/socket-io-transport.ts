import { randomUUID } from 'node:crypto';
import { Server, type Socket } from 'socket.io';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { noticeOf } from '../../channels/protocol/notice-of.ts';
import { HttpExchange } from './http-exchange.ts';
import { trimConnection } from './lean-connection.ts';
import type { Uws } from './uws/load-uws.ts';
import { type EngineSocket, guardInbound, type InboundHandlers, Peer, peerOf } from './inbound.ts';
import { type Knock, refusalOf as knockRefusal, withoutPolling } from './knock.ts';
import { peerAddress } from './node-http.ts';
import { packetText } from './packet.ts';
import { ServedSockets } from './sockets/served-sockets.ts';
import { closeConnection, SocketConnection, writePacket } from './socket-connection.ts';
import type { Connection, Transport, TransportOptions } from './transport.ts';
import { uwsEngine } from './uws/uws-engine.ts';
import { wsEngine } from './ws-engine.ts';

interface ConnectionData {
  context?: unknown;
}

const peerRequest = 'pursight:peer';
/** A client that opens a socket and never says who it is costs memory; well-behaved ones answer within a round trip. */
const connectTimeoutMs = 10_000;
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
  Object.assign(socket, { handshake: forgotten });
  Object.assign(socket.conn, { request: null });
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
      // sent before the first was answered, it would make another session next to it that no limit counts
      next(new Error('a connection has one session'));
      return void setImmediate(() => closeConnection(socket.conn));
    }
    asked.add(socket.conn);
    const data: ConnectionData = socket.data;
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
  const sockets = new ServedSockets(options);
  const parts = { options, exchange, refusalOf, sockets };
  const engine = uws === undefined ? wsEngine(io, parts) : uwsEngine(uws, io, parts);
  const connections = new Map<string, Connection>();
  io.engine.generateId = () => randomUUID();
  const peerOfSocket = watchSockets(io, options);
  authenticateAll(io, options, peerOfSocket);
  io.on('connection', (socket) => {
    const { context }: ConnectionData = socket.data;
    const peer = peerOfSocket(socket);
    peer.session = socket.id;
    const connection = new SocketConnection(socket, peer);
    connections.set(connection.id, connection);
    // Socket.IO gives each socket a room of its own, which nothing here publishes to
    void socket.leave(socket.id);
    connection.onClose(() => {
      connections.delete(connection.id);
      // a client that only leaves the namespace would keep a connection without a session
      closeConnection(socket.conn);
    });
    socket.on('error', () => connection.terminate());
    // socket.data travels to other nodes on request
    socket.data = {};
    try {
      options.onConnection(connection, context);
      trimConnection(socket);
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
      sockets.closeAll();
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
