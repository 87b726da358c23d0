import type { HttpStream } from '../http.ts';
import { StreamListeners } from '../stream-listeners.ts';
import type { UwsResponse } from './load-uws.ts';

/**
 * A body that goes out in parts over uWebSockets.js. The engine takes every chunk, also behind one that it could not
 * send, keeps all of them in memory and does not say how much that is: so what it has not sent is counted here, and a
 * writer that does not wait fills the memory. The response must not be touched any more once it has ended.
 */
export class UwsStream implements HttpStream {
  readonly #response: UwsResponse;
  readonly #listeners = new StreamListeners();
  #pendingBytes = 0;

  constructor(response: UwsResponse) {
    this.#response = response;
    response.onWritable(() => {
      this.#pendingBytes = 0;
      this.#listeners.drained();
      return true;
    });
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  write(chunk: string | Uint8Array): boolean {
    // an empty one would be taken for the end
    if (this.#listeners.isClosed || chunk.length === 0) return !this.#listeners.isClosed && this.#pendingBytes === 0;
    let isSent = false;
    this.#response.cork(() => (isSent = this.#response.write(chunk)));
    if (isSent) this.#pendingBytes = 0;
    else this.#pendingBytes += Buffer.byteLength(chunk);
    return isSent;
  }

  onDrain(listener: () => void): void {
    this.#listeners.onDrain(listener);
  }

  onClose(listener: () => void): void {
    this.#listeners.onClose(listener);
  }

  end(): void {
    if (this.#listeners.isClosed) return;
    // told to close the connection, uWS would write that header here, behind the parts
    this.#response.cork(() => this.#response.end());
    this.gone();
  }

  abort(): void {
    if (!this.#listeners.isClosed) this.#response.close();
  }

  /** The response has ended, or its connection has. */
  gone(): void {
    this.#listeners.close();
  }
}
