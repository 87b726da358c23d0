import type { HttpHandler } from './http.ts';
import type { InboundLimit } from './inbound.ts';
import type { Admission } from './knock.ts';
import type { Packet } from './packet.ts';
import type { SocketService } from './sockets/socket-service.ts';

/** What a client gave when it knocked; gone from memory once the session is authenticated. */
export interface Handshake {
  /** Payload of the CONNECT packet, unchecked. */
  readonly auth: unknown;
  readonly address: string;
}

/** One client's connection. */
export interface Connection {
  /** Session id, unguessable. */
  readonly id: string;
  readonly address: string;
  /** Writes one message after everything already written or published to this connection. */
  send(event: string, payload: object): void;
  /** The same with a ready-made packet. */
  sendPacket(packet: Packet): void;
  /** From the next publish on, messages of the room reach this connection. */
  join(room: string): void;
  leave(room: string): void;
  /** Closes the transport after what is buffered has been written; clients of Socket.IO come back by themselves. */
  end(): void;
  /** Closes at once and throws away what is buffered: for loss of rights and slow readers. */
  terminate(): void;
  /** Bytes that the peer has not taken yet. */
  bufferedBytes(): number;
  /** Every event that the client sends. `answer` sends the acknowledgement, if it asked for one. */
  onMessage(listener: (event: string, payload: unknown, answer: ((value: object) => void) | undefined) => void): void;
  /** From now on what the peer sends is charged here too, in bytes; false closes the connection. */
  charge(take: (bytes: number) => boolean): void;
  /** Called once, whichever side closed. */
  onClose(listener: (reason: string) => void): void;
}

export interface TransportOptions {
  readonly host: string;
  readonly port: number;
  readonly maxMessageBytes: number;
  /** Unread bytes per connection at which it is closed rather than anything dropped. */
  readonly maxBufferedBytes: number;
  readonly admit: Admission;
  /** A socket opened, authenticated or not. */
  readonly onSocket: (address: string) => void;
  /** It is gone. Called once for each. */
  readonly onSocketGone: (address: string) => void;
  /** What a connection may send before anything of it is checked. */
  readonly inbound: InboundLimit;
  /**
   * Resolves with what the session needs; rejects with a HubError to refuse. A temporary one is sent as a
   * `notice`, and the transport closed: a client of Socket.IO comes back after that, and after a CONNECT_ERROR never.
   */
  readonly authenticate: (handshake: Handshake) => Promise<unknown>;
  /** `context` is what `authenticate` gave. */
  readonly onConnection: (connection: Connection, context: unknown) => void;
  readonly onHttp: HttpHandler;
  /** WebSockets beside those of Socket.IO. */
  readonly services: readonly SocketService[];
  /** A connection could not be served and was closed: a bug. */
  readonly onFault: (error: unknown) => void;
  /** A connection was closed because it read too slowly. */
  readonly onSlowConsumer: (connectionId: string) => void;
  /** A connection was closed because it sent more than it may. */
  readonly onFlood: (connectionId: string) => void;
  /** Opaque adapter of the control bus, so that sessions on other nodes can be reached. */
  readonly socketAdapter?: unknown;
  /** Answers what peers ask over the adapter. */
  readonly onPeerRequest: (topic: string, payload: unknown) => object;
  /** Proxies of one's own in front of the hub, see clientAddress. */
  readonly trustedProxies: number;
}

/** Socket.IO on a WebSocket engine, with plain HTTP next to it on the same port. */
export interface Transport {
  readonly engine: 'uws' | 'ws';
  /** Starts to listen; resolves with the port. Fails when the port is taken. @throws HubError config-invalid */
  listen(): Promise<number>;
  /** No new connections; open WebSockets continue, an HTTP connection ends with its next answer. */
  stopListening(): void;
  /** Resolves when no HTTP request waits for its answer, or after `withinMs`. */
  answered(withinMs: number): Promise<void>;
  /** Sends one packet, see packet.ts, to all members of a room, encoded once. */
  publish(room: string, packet: string): void;
  /** Sends one packet to every connection. */
  publishAll(packet: string): void;
  connection(id: string): Connection | undefined;
  readonly connectionCount: number;
  /** Asks every other node; answers of those that replied in time. Never rejects. */
  askPeers(topic: string, payload: object): Promise<readonly unknown[]>;
  /** Closes every connection and the engine. */
  close(): Promise<void>;
}
