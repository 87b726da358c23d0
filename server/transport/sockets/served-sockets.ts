import { Peer } from '../inbound.ts';
import type { SocketListener, SocketRequest, SocketService, TextSocket } from './socket-service.ts';
import type { TransportOptions } from '../transport.ts';

/** What an engine can do with one of its WebSockets. Not called any more once it is gone. */
export interface RawSocket {
  send(text: string): void;
  bufferedBytes(): number;
  close(code: number, reason: string): void;
  terminate(): void;
}

type SocketLimits = Pick<TransportOptions, 'maxBufferedBytes' | 'inbound' | 'onSocket' | 'onSocketGone' | 'onFault'>;

const [goingAway, tooMuch, unexpected] = [1012, 1008, 1011] as const;
/** Of the protocol: a frame that closes has 125 bytes, two of them the code. */
const maxReasonBytes = 123;

function shortened(reason: string): string {
  return Buffer.from(reason).subarray(0, maxReasonBytes).toString().replace(/�+$/u, '');
}

/** One WebSocket of a service on either engine: counted, bounded in both directions, and told once of its end. */
export class ServedSocket implements TextSocket {
  readonly #raw: RawSocket;
  readonly #limits: SocketLimits;
  readonly #peer: Peer;
  readonly #waiting: (() => void)[] = [];
  #listener: SocketListener | undefined;
  #isOver = false;

  constructor(raw: RawSocket, address: string, limits: SocketLimits) {
    this.#raw = raw;
    this.#limits = limits;
    this.#peer = new Peer(address, limits.inbound);
    limits.onSocket(address);
  }

  /** @throws what the service does */
  open(service: SocketService, request: SocketRequest): void {
    this.#listener = service.open(this, request);
  }

  get pendingBytes(): number {
    return this.#isOver ? 0 : this.#raw.bufferedBytes();
  }

  async send(text: string): Promise<void> {
    if (this.#isOver) return;
    this.#raw.send(text);
    const { pendingBytes } = this;
    if (pendingBytes > this.#limits.maxBufferedBytes) return this.terminate();
    if (pendingBytes > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  close(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#raw.close(code, shortened(reason));
  }

  terminate(): void {
    this.#isOver = true;
    this.#raw.terminate();
  }

  /** A message came; undefined for one that is not text. */
  received(text: string | undefined): void {
    if (this.#isOver) return;
    const refusal = this.#peer.take({ type: 'message', data: text });
    if (refusal === 'ignored') return;
    if (refusal !== undefined) return this.close(tooMuch, refusal.message);
    try {
      this.#listener?.onText(text ?? '');
    } catch (thrown) {
      this.#limits.onFault(thrown);
      this.close(unexpected, 'internal error');
    }
  }

  /** The client has taken what it was sent. */
  drained(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** It is closed, whichever side did it. Called once. */
  gone(code: number, reason: string): void {
    this.#isOver = true;
    this.drained();
    this.#limits.onSocketGone(this.#peer.address);
    this.#listener?.onClose(code, reason);
  }
}

/** The open WebSockets of all services of a node. */
export class ServedSockets {
  readonly #limits: SocketLimits;
  readonly #open = new Set<ServedSocket>();

  constructor(limits: SocketLimits) {
    this.#limits = limits;
  }

  /** A service that cannot take the socket closes it. */
  open(raw: RawSocket, address: string, service: SocketService, request: SocketRequest): ServedSocket {
    const socket = new ServedSocket(raw, address, this.#limits);
    this.#open.add(socket);
    try {
      socket.open(service, request);
    } catch (thrown) {
      this.#limits.onFault(thrown);
      socket.close(unexpected, 'internal error');
    }
    return socket;
  }

  gone(socket: ServedSocket, code: number, reason: string): void {
    this.#open.delete(socket);
    socket.gone(code, reason);
  }

  /** Their clients come back, to another node. */
  closeAll(): void {
    for (const socket of this.#open) socket.close(goingAway, 'this node is stopping; connect again');
  }
}
