import type { Socket } from 'socket.io';
import type { Connection } from './transport.ts';

/** The native socket of either engine, as far as both have it. */
interface NativeSocket {
  close?: () => void;
  terminate?: () => void;
  getBufferedAmount?: () => number;
  readonly bufferedAmount?: number;
}

interface ConnInternals {
  readonly transport: { readonly socket?: NativeSocket };
}

function nativeOf(socket: Socket): NativeSocket | undefined {
  return (socket.conn as unknown as ConnInternals).transport.socket;
}

/** Closing twice throws on uWS; after a close there is nothing left to do. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // already closed
  }
}

function bufferedBytes(socket: Socket): number {
  try {
    const native = nativeOf(socket);
    return native?.getBufferedAmount?.() ?? native?.bufferedAmount ?? 0;
  } catch {
    return 0;
  }
}

export function socketConnection(socket: Socket, address: string): Connection {
  return {
    id: socket.id,
    address,
    send: (event, payload) => void socket.emit(event, payload),
    join: (room) => void socket.join(room),
    leave: (room) => {
      if (socket.connected) quietly(() => void socket.leave(room));
    },
    end: () => void socket.disconnect(true),
    terminate: () => {
      const native = nativeOf(socket);
      // `terminate` exists on ws only; uWS's `close` is the abrupt one
      quietly(() => (native?.terminate === undefined ? native?.close?.() : native.terminate()));
    },
    bufferedBytes: () => bufferedBytes(socket),
    onMessage: (listener) => {
      socket.onAny((event: string, ...args: unknown[]) => {
        const last = args.at(-1);
        const answer = typeof last === 'function' ? (last as (value: object) => void) : undefined;
        listener(event, args.length > 0 && args[0] !== last ? args[0] : undefined, answer);
      });
    },
    onClose: (listener) => void socket.once('disconnect', (reason) => listener(reason)),
  };
}
