/**
 * A WebSocket client made of nothing but a TCP socket, so that a test can send what no client library would and can
 * stop reading where a library would go on.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface RawFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

export interface FrameOptions {
  /** Clients must mask. @default true */
  readonly masked?: boolean;
  /** @default true */
  readonly fin?: boolean;
}

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;
export const socketIoPath = '/socket.io/?EIO=4&transport=websocket';

/** Bytes of one frame. */
export function frameBytes(
  opcode: number,
  payload: Buffer | string,
  { masked = true, fin = true }: FrameOptions = {},
): Buffer {
  const data = Buffer.from(payload);
  const size =
    data.length < 126
      ? Buffer.from([data.length])
      : data.length < 65_536
        ? Buffer.from([126, data.length >> 8, data.length & 255])
        : Buffer.concat([Buffer.from([127]), bigEndian64(data.length)]);
  if (masked) size[0] = (size[0] ?? 0) | 0x80;
  const mask = masked ? randomBytes(4) : Buffer.alloc(0);
  const body = masked ? Buffer.from(data.map((byte, index) => byte ^ (mask[index & 3] ?? 0))) : data;
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | opcode]), size, mask, body]);
}

function bigEndian64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** The first whole frame of `data`, with where the next begins. */
function firstFrame(data: Buffer): { readonly frame: RawFrame; readonly end: number } | undefined {
  const short = (data[1] ?? 0) & 127;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (data.length < 2 || data.length < header) return undefined;
  const length = short < 126 ? short : short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
  if (data.length < header + length) return undefined;
  return {
    frame: { opcode: (data[0] ?? 0) & 15, payload: data.subarray(header, header + length) },
    end: header + length,
  };
}

export interface RawSocketOptions {
  readonly path?: string;
  /** Added to, or instead of, those of a correct handshake; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

function handshake(host: string, { path = socketIoPath, headers = {} }: RawSocketOptions): string {
  const all: Record<string, string | undefined> = {
    Host: host,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

/** One raw connection to a hub. `messages` are the texts of all text frames so far. */
export class RawSocket {
  readonly messages: string[] = [];
  /** Resolves when the hub has closed the connection, or it broke. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #waiting: (() => void)[] = [];
  readonly #answersPings: boolean;

  constructor(socket: Socket, rest: Buffer, answersPings = true) {
    this.#socket = socket;
    this.#answersPings = answersPings;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
    socket.on('data', (chunk) => this.#take(chunk));
    this.#take(rest);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Writes bytes as they are. */
  write(bytes: Buffer | string): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** Writes one text frame. */
  send(text: string): void {
    this.write(frameBytes(opcodes.text, text));
  }

  /** The first message from `from` on that satisfies `wanted`; rejects when the connection ends or time is over. */
  async until(wanted: (message: string) => boolean, { timeoutMs = 10_000, from = 0 } = {}): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = this.messages.slice(from).find(wanted);
      if (found !== undefined) return found;
      if (this.#isClosed) throw new Error(`the connection ended before; got ${this.messages.join(' ')}`);
      if (Date.now() > deadline) throw new Error(`no such message in time; got ${this.messages.join(' ')}`);
      await this.#change(deadline - Date.now());
    }
  }

  /** Stops reading: the kernel's buffers fill, then the hub's. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, timeoutMs));
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #take(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (let found = firstFrame(this.#pending); found !== undefined; found = firstFrame(this.#pending)) {
      this.#pending = this.#pending.subarray(found.end);
      this.#onFrame(found.frame);
    }
  }

  #onFrame({ opcode, payload }: RawFrame): void {
    if (opcode === opcodes.close) this.#socket.end();
    if (opcode === opcodes.ping) this.write(frameBytes(opcodes.pong, payload));
    if (opcode !== opcodes.text) return;
    const text = payload.toString();
    if (text === '2' && this.#answersPings) this.send('3');
    this.messages.push(text);
    this.#wake();
  }
}

/** Shakes hands; rejects with the status line when the hub refuses. */
export async function openRawSocket(url: string, options: RawSocketOptions = {}): Promise<RawSocket> {
  const { hostname, port, host } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.on('error', () => undefined);
  socket.write(handshake(host, options));
  return new Promise((resolve, reject) => {
    let head: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', onData);
      if (head.subarray(0, 12).toString() === 'HTTP/1.1 101')
        return resolve(new RawSocket(socket, head.subarray(end + 4)));
      socket.destroy();
      reject(new Error(head.toString()));
    };
    socket.on('data', onData);
    socket.once('close', () => reject(new Error(`closed without an answer: ${head.toString()}`)));
  });
}

/** Sends bytes over TCP and gives everything that came back until the hub closed or `timeoutMs` passed in silence. */
export async function exchange(url: string, bytes: Buffer | string, timeoutMs = 2000): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const chunks: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.setTimeout(timeoutMs, () => socket.destroy());
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString();
}

/** A session on a raw socket: its CONNECT is answered. */
export async function openRawSession(
  url: string,
  token: string,
  extra: object = {},
  options: RawSocketOptions = {},
): Promise<RawSocket> {
  const socket = await openRawSocket(url, options);
  await socket.until((message) => message.startsWith('0{'));
  socket.send(`40${JSON.stringify({ token, protocol: 1, client: 'raw', ...extra })}`);
  const answer = await socket.until((message) => /^4(0|4|2\["notice")/.test(message));
  // a refusal for good is a connect error, one that passes a notice before the end
  if (!answer.startsWith('40')) throw new Error(answer);
  return socket;
}

let lastAck = 0;

/** The payloads of all events of one name so far. */
export function payloadsOf<Payload = Record<string, unknown>>(socket: RawSocket, event: string): readonly Payload[] {
  const mark = `42["${event}",`;
  const texts = socket.messages.filter((message) => message.startsWith(mark));
  return texts.map((text) => (JSON.parse(text.slice(2)) as [string, Payload])[1]);
}

/** Sends an event and gives the answer. */
export async function request(socket: RawSocket, event: string, payload: unknown): Promise<Record<string, unknown>> {
  lastAck += 1;
  const mark = `43${lastAck}[`;
  socket.send(`42${lastAck}${JSON.stringify([event, payload])}`);
  const answer = await socket.until((message) => message.startsWith(mark));
  return (JSON.parse(answer.slice(mark.length - 1)) as [Record<string, unknown>])[0];
}
