import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/**
 * A WebSocket client that does as little as can be: raw frames on a TCP socket. A client library costs far more CPU
 * than the server it is to measure.
 */
export interface RawSocket {
  send(text: string): void;
  close(): void;
}

export interface RawSocketOptions {
  readonly port: number;
  readonly path: string;
  /** One text message; `payload` is only valid during the call. */
  readonly onMessage: (payload: Buffer) => void;
  readonly onOpen: () => void;
  readonly onClose: (reason: string) => void;
}

const closeOpcode = 8;
const pingOpcode = 9;

function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const extended = payload.length < 126 ? Buffer.alloc(0) : Buffer.from([payload.length >> 8, payload.length & 255]);
  const body = Buffer.from(payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0)));
  return Buffer.concat([
    Buffer.from([0x80 | opcode, 0x80 | (payload.length < 126 ? payload.length : 126)]),
    extended,
    mask,
    body,
  ]);
}

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly next: number;
}

/** The frame at `start`, or undefined when it is not complete. */
function frameAt(data: Buffer, start: number): Frame | undefined {
  if (data.length < start + 2) return undefined;
  const short = (data[start + 1] ?? 0) & 127;
  const headerBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (data.length < start + headerBytes) return undefined;
  const length =
    short < 126 ? short : short === 126 ? data.readUInt16BE(start + 2) : Number(data.readBigUInt64BE(start + 2));
  const from = start + headerBytes;
  if (data.length < from + length) return undefined;
  return { opcode: (data[start] ?? 0) & 15, payload: data.subarray(from, from + length), next: from + length };
}

function consume(data: Buffer, socket: Socket, options: RawSocketOptions): Buffer {
  let position = 0;
  for (let frame = frameAt(data, position); frame !== undefined; frame = frameAt(data, position)) {
    position = frame.next;
    if (frame.opcode === pingOpcode) socket.write(maskedFrame(10, frame.payload));
    else if (frame.opcode === closeOpcode) socket.end();
    else options.onMessage(frame.payload);
  }
  return data.subarray(position);
}

export function openRawSocket(options: RawSocketOptions): RawSocket {
  const socket = connect({ port: options.port, host: '127.0.0.1', noDelay: true });
  let pending: Buffer = Buffer.alloc(0);
  let upgraded = false;
  socket.write(
    `GET ${options.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    if (!upgraded) {
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!pending.subarray(0, 12).toString().includes('101'))
        return void socket.destroy(new Error(pending.subarray(0, end).toString()));
      upgraded = true;
      pending = pending.subarray(end + 4);
      options.onOpen();
    }
    pending = consume(pending, socket, options);
  });
  let reason = 'closed';
  socket.on('error', (error) => (reason = error.message));
  socket.on('close', () => options.onClose(reason));
  return {
    send: (text) => void socket.write(maskedFrame(1, Buffer.from(text))),
    close: () => socket.destroy(),
  };
}
