import { HubError } from '../../channels/protocol/hub-error.ts';
import { BodyBuffer } from './body-buffer.ts';

/** A chunk that is smaller shares its buffer with its neighbours. */
const ownBufferBytes = 16 * 1024;
/** What an engine may hand out although it was told to pause: what a fast client has filled its buffers with meanwhile. */
const maxWaitingBytes = 32 * 1024 * 1024;
const retryAfterMs = 1000;

/** A body on its way through: chunks that wait to be taken. Each is copied once, however many wait. */
export class BodyParts {
  readonly #small = new BodyBuffer();
  readonly #waiting: Buffer[] = [];
  #bytes = 0;

  /** Copies the chunk. @throws HubError rate-limited when far too much waits, message-too-large for far too many tiny chunks */
  push(chunk: Uint8Array): void {
    if (this.#bytes + chunk.length > maxWaitingBytes)
      throw new HubError('rate-limited', 'body: comes faster than it can be taken; send it slower', { retryAfterMs });
    this.#bytes += chunk.length;
    if (chunk.length < ownBufferBytes) {
      this.#small.append(chunk, Number.POSITIVE_INFINITY);
      if (this.#small.length >= ownBufferBytes) this.#flush();
      return;
    }
    this.#flush();
    this.#waiting.push(Buffer.from(chunk));
  }

  /** The next in the order in which they came; undefined: nothing waits. */
  shift(): Uint8Array | undefined {
    if (this.#waiting.length === 0) this.#flush();
    const part = this.#waiting.shift();
    this.#bytes -= part?.length ?? 0;
    return part;
  }

  #flush(): void {
    if (this.#small.length > 0) this.#waiting.push(this.#small.take());
  }
}
