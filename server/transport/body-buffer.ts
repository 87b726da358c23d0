import { HubError } from '../../channels/protocol/hub-error.ts';

const firstBytes = 4096;
/** So many chunks may be tiny; beyond, each must bring what handling a chunk is worth. */
const freeChunks = 1024;
const leastChunkBytes = 64;

/** A body as it comes in: one buffer that grows, because a buffer for each chunk costs a hundred times a tiny chunk. */
export class BodyBuffer {
  #bytes = Buffer.alloc(0);
  #length = 0;
  #taken = 0;
  #chunks = 0;

  get length(): number {
    return this.#length;
  }

  /** Copies the chunk. @throws HubError message-too-large above `maxBytes`, or in far too many chunks */
  append(chunk: Uint8Array, maxBytes: number): void {
    this.#chunks += 1;
    if (this.#length + chunk.length > maxBytes)
      throw new HubError('message-too-large', `body: at most ${maxBytes} bytes`);
    if (this.#chunks > freeChunks + (this.#taken + this.#length) / leastChunkBytes)
      throw new HubError('message-too-large', 'body: sent in chunks of a few bytes; send larger ones');
    this.#reserve(this.#length + chunk.length, maxBytes);
    this.#bytes.set(chunk, this.#length);
    this.#length += chunk.length;
  }

  /** What has come so far. */
  whole(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What has come since the last time; it goes on with an empty buffer. */
  take(): Buffer {
    const taken = this.whole();
    this.#taken += taken.length;
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    return taken;
  }

  #reserve(needed: number, maxBytes: number): void {
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(firstBytes, needed, 2 * this.#bytes.length)));
    grown.set(this.whole());
    this.#bytes = grown;
  }
}
