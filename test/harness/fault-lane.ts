import type { Socket } from 'node:net';

/** What waits to be passed on; `null` is the end of the stream. */
interface Piece {
  readonly chunk: Buffer | null;
  readonly dueMs: number;
}

const maxWaiting = 64;

/** One direction of a connection through a {@link FaultProxy}. */
export class FaultLane {
  /** How long each piece waits before it is passed on. */
  delayMs = 0;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #onLimit: () => void;
  readonly #waiting: Piece[] = [];
  #bytesLeft = Number.POSITIVE_INFINITY;
  #held = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, onLimit: () => void) {
    this.#from = from;
    this.#to = to;
    this.#onLimit = onLimit;
    from.on('data', (chunk) => this.#take(chunk));
    from.on('end', () => this.#take(null));
    to.on('drain', () => this.#flow());
  }

  /** Nothing is read or passed on any more, and nobody is told. */
  hold(): void {
    this.#held = true;
    this.#from.pause();
  }

  release(): void {
    this.#held = false;
    this.#flow();
  }

  /** The connection breaks when exactly so many more bytes have passed. */
  limit(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #take(chunk: Buffer | null): void {
    this.#waiting.push({ chunk, dueMs: performance.now() + this.delayMs });
    this.#flow();
  }

  #flow(): void {
    clearTimeout(this.#timer);
    while (!this.#held && !this.#to.writableNeedDrain) {
      const next = this.#waiting[0];
      if (next === undefined) break;
      const inMs = next.dueMs - performance.now();
      if (inMs > 0) {
        this.#timer = setTimeout(() => this.#flow(), inMs);
        break;
      }
      this.#waiting.shift();
      if (!this.#pass(next)) return;
    }
    if (this.#held || this.#to.writableNeedDrain || this.#waiting.length > maxWaiting) this.#from.pause();
    else this.#from.resume();
  }

  /** False when the connection ends with it. */
  #pass({ chunk }: Piece): boolean {
    if (chunk === null) {
      this.#to.end();
      return false;
    }
    if (chunk.length < this.#bytesLeft) {
      this.#bytesLeft -= chunk.length;
      this.#to.write(chunk);
      return true;
    }
    // what comes before the break must arrive, or it would be a break somewhere else
    this.#from.pause();
    this.#to.write(chunk.subarray(0, this.#bytesLeft), () => this.#onLimit());
    return false;
  }
}
