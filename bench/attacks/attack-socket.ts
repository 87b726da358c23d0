import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const ofHub = { path: '/socket.io/?EIO=4&transport=websocket', header: '' };
const ofGraphql = { path: '/graphql', header: 'Sec-WebSocket-Protocol: graphql-transport-ws\r\n' };
const kept = 64 * 1024;

/** A frame as a client sends it. Made once and sent often: masking costs the attacker more than the hub. */
export function frameOf(payload: string | Buffer, opcode: 1 | 2 = typeof payload === 'string' ? 1 : 2): Buffer {
  const data = Buffer.from(payload);
  const mask = randomBytes(4);
  const body = Buffer.from(data.map((byte, index) => byte ^ (mask[index & 3] ?? 0)));
  const size = data.length < 126 ? [0x80 | data.length] : [0x80 | 126, data.length >> 8, data.length & 255];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...size]), mask, body]);
}

/** A WebSocket that follows no rule but that of the handshake. */
export class AttackSocket {
  readonly #socket: Socket;
  #text = '';
  #isClosed = false;
  readonly closed: Promise<void>;

  constructor(port: number, { path, header } = ofHub) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', (chunk: Buffer) => (this.#text = (this.#text + chunk.toString('latin1')).slice(-kept)));
    // the hub waits for whoever it has closed to close, too
    this.#socket.on('end', () => this.#socket.destroy());
    this.closed = new Promise((resolve) => {
      this.#socket.once('close', () => {
        this.#isClosed = true;
        resolve();
      });
    });
    this.write(
      `GET ${path} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n${header}\r\n`,
    );
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The last of what came, frames and all. */
  get text(): string {
    return this.#text;
  }

  /** False when the hub does not read as fast as this is sent. */
  write(bytes: Buffer | string): boolean {
    return !this.#socket.destroyed && this.#socket.write(bytes);
  }

  /** Waits for room, or the end. */
  async room(): Promise<void> {
    while (!this.#isClosed && this.#socket.writableNeedDrain) await pause(2);
  }

  send(text: string): boolean {
    return this.write(frameOf(text));
  }

  /** Resolves with whether it came, in time and before the end. */
  async sees(part: string, timeoutMs = 5000): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (!this.#text.includes(part)) {
      if (this.#isClosed || performance.now() > deadline) return false;
      await pause(2);
    }
    return true;
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** With a session, or undefined where the hub lets nobody in. */
export async function openAttackSession(port: number, token: string, extra = {}): Promise<AttackSocket | undefined> {
  const socket = new AttackSocket(port);
  if (await socket.sees('0{"sid"')) {
    socket.send(`40${JSON.stringify({ token, protocol: 1, client: 'attacker', ...extra })}`);
    if (await socket.sees('"welcome"')) return socket;
  }
  socket.destroy();
  return undefined;
}

/** One for GraphQL, with its token taken. */
export async function openGraphqlSocket(port: number, token: string): Promise<AttackSocket | undefined> {
  const socket = new AttackSocket(port, ofGraphql);
  if (await socket.sees('\r\n\r\n')) {
    socket.send(JSON.stringify({ type: 'connection_init', payload: { token } }));
    if (await socket.sees('connection_ack')) return socket;
  }
  socket.destroy();
  return undefined;
}
