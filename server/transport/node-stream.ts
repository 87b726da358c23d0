import type { ServerResponse } from 'node:http';
import type { HttpStream } from './http.ts';

/** A body that goes out in parts over Node's own HTTP server. */
export class NodeStream implements HttpStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  write(chunk: string | Uint8Array): boolean {
    return !this.#isOver && this.#response.write(chunk);
  }

  get pendingBytes(): number {
    return this.#response.writableLength;
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener);
  }

  onClose(listener: () => void): void {
    if (this.#response.closed) queueMicrotask(listener);
    else this.#response.once('close', listener);
  }

  end(): void {
    if (!this.#isOver) this.#response.end();
  }

  abort(): void {
    this.#response.destroy();
  }

  get #isOver(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }
}
