import type { Socket } from 'socket.io';
import type { Connection, Packet } from './transport.ts';

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
  readonly address: string;
  readonly #socket: Socket;

  constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.address = address;
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
    if (native?.getBufferedAmount === undefined) internalsOf(this.#socket).write(packet.text);
    else quietly(() => native.send?.(packet.bytes, false));
  }

  join(room: string): void {
    void this.#socket.join(room);
  }

  leave(room: string): void {
    if (this.#socket.connected) quietly(() => void this.#socket.leave(room));
  }

  end(): void {
    this.#socket.disconnect(true);
  }

  terminate(): void {
    const native = nativeOf(this.#socket);
    // `terminate` exists on ws only; uWS's `close` is the abrupt one
    quietly(() => (native?.terminate === undefined ? native?.close?.() : native.terminate()));
  }

  bufferedBytes(): number {
    try {
      const native = nativeOf(this.#socket);
      return (native?.getBufferedAmount?.() ?? native?.bufferedAmount ?? 0) + heldBack(this.#socket);
    } catch {
      // uWS throws on a closed socket, which buffers nothing
      return 0;
    }
  }

  onMessage(listener: (event: string, payload: unknown, answer: ((value: object) => void) | undefined) => void): void {
    this.#socket.onAny((event: string, ...args: unknown[]) => {
      const last = args.at(-1);
      const answer = typeof last === 'function' ? (last as (value: object) => void) : undefined;
      listener(event, args[0] === answer ? undefined : args[0], answer);
    });
  }

  onClose(listener: (reason: string) => void): void {
    this.#socket.on('disconnect', listener);
  }
}
