import type { Socket } from 'socket.io';
import type { Peer } from './inbound.ts';
import type { Packet } from './packet.ts';
import type { Connection } from './transport.ts';

/** The native socket of either engine, as far as both have it. */
interface NativeSocket {
  close?: () => void;
  terminate?: () => void;
  getBufferedAmount?: () => number;
  /** Only called on uWS. */
  send?: (message: Uint8Array, isBinary: boolean) => unknown;
  readonly bufferedAmount?: number;
}

interface ConnInternals {
  readonly transport: { readonly socket?: NativeSocket };
  /** Packets that engine.io holds back while the transport has not written the last ones. */
  readonly writeBuffer?: readonly { readonly data?: unknown }[];
  /** Sends one message; what it says is for the layer above. */
  write(data: string): void;
}

function internalsOf(socket: Socket): ConnInternals {
  return socket.conn as unknown as ConnInternals;
}

/** Sends a packet of Socket.IO without its layer, which would encode it for each socket again. */
export function writePacket(socket: Socket, packet: string): void {
  internalsOf(socket).write(packet);
}

/** The engine's own socket below a Socket.IO socket. */
export function nativeOf(socket: Socket): NativeSocket | undefined {
  return internalsOf(socket).transport.socket;
}

/**
 * On `ws` engine.io writes nothing while the last write waits for the peer: what a stalled client has not read piles up
 * here, where the native socket does not see it.
 */
function heldBack(socket: Socket): number {
  const held = internalsOf(socket).writeBuffer ?? [];
  return held.reduce((sum, { data }) => sum + (typeof data === 'string' ? data.length : 0), 0);
}

/** Bytes that the peer of a socket has not taken yet. */
export function bufferedBytesOf(socket: Socket): number {
  try {
    const native = nativeOf(socket);
    return (native?.getBufferedAmount?.() ?? native?.bufferedAmount ?? 0) + heldBack(socket);
  } catch {
    // uWS throws on a closed socket, which buffers nothing
    return 0;
  }
}

/** Closes at once and throws away what is buffered. */
export function terminateSocket(socket: Socket): void {
  terminateNative(nativeOf(socket));
}

function terminateNative(native: NativeSocket | undefined): void {
  // `terminate` exists on ws only; uWS's `close` is the abrupt one
  quietly(() => (native?.terminate === undefined ? native?.close?.() : native.terminate()));
}

/** A connection of engine.io. */
interface Closable {
  readonly transport: object;
  close(): void;
}

const closeGraceMs = 1000;

/** Closes a connection whether its peer agrees or not: `ws` would wait half a minute for it, and continue reading. */
export function closeConnection(connection: Closable): void {
  connection.close();
  const { socket } = connection.transport as ConnInternals['transport'];
  setTimeout(() => terminateNative(socket), closeGraceMs).unref();
}

/** Closing twice throws on uWS; after a close there is nothing left to do. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // already closed
  }
}

/** A class, not a bag of functions: there are as many of these as connections. */
export class SocketConnection implements Connection {
  readonly #socket: Socket;
  readonly #peer: Peer;

  constructor(socket: Socket, peer: Peer) {
    this.#socket = socket;
    this.#peer = peer;
  }

  get address(): string {
    return this.#peer.address;
  }

  get id(): string {
    return this.#socket.id;
  }

  send(event: string, payload: object): void {
    this.#socket.emit(event, payload);
  }

  sendPacket(packet: Packet): void {
    if (!this.#socket.connected) return;
    const native = nativeOf(this.#socket);
    // engine.io writes to uWS at once, so nothing of it can be behind; it would turn the text into bytes again each time
    if (native?.getBufferedAmount === undefined) writePacket(this.#socket, packet.text);
    else quietly(() => native.send?.(packet.bytes, false));
  }

  join(room: string): void {
    void this.#socket.join(room);
  }

  leave(room: string): void {
    if (this.#socket.connected) quietly(() => void this.#socket.leave(room));
  }

  end(): void {
    closeConnection(this.#socket.conn);
  }

  terminate(): void {
    terminateSocket(this.#socket);
  }

  bufferedBytes(): number {
    return bufferedBytesOf(this.#socket);
  }

  onMessage(listener: (event: string, payload: unknown, answer: ((value: object) => void) | undefined) => void): void {
    this.#socket.onAny((event: string, ...args: unknown[]) => {
      const last = args.at(-1);
      if (typeof last !== 'function') return listener(event, args[0], undefined);
      listener(event, args.length === 1 ? undefined : args[0], (value) => last(value));
    });
  }

  charge(take: (bytes: number) => boolean): void {
    this.#peer.charge(take);
  }

  onClose(listener: (reason: string) => void): void {
    this.#socket.on('disconnect', listener);
  }
}
