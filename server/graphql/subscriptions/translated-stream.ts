import type { Turns } from '../../../channels/ports/turns.ts';
import type { HttpStream } from '../../transport/http.ts';
import { blocksIn, type SseBlock } from './sse-blocks.ts';

export interface TranslationOptions {
  readonly translate: (block: SseBlock) => string;
  /** Whose time it takes. */
  readonly turns: Turns;
  readonly tenant: string;
  /** A block could not be translated: a bug. The stream is aborted, so that its client comes back. */
  readonly onFault: (thrown: unknown) => void;
}

/** What comes at once, and waits for its turn while the client keeps up, is no fault of the client. */
const excusedBytes = 1024 * 1024;

/**
 * A stream whose blocks are translated on their way, in turns of the tenant: more than a burst that waits for that counts as
 * pending, so who asks for more than there is time for is slow, and nobody else.
 */
export class TranslatedStream implements HttpStream {
  readonly #stream: HttpStream;
  readonly #options: TranslationOptions;
  readonly #waiting: SseBlock[] = [];
  readonly #drainListeners: (() => void)[] = [];
  #waitingBytes = 0;
  #isTranslating = false;
  #isEnding = false;

  constructor(stream: HttpStream, options: TranslationOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.onClose(() => (this.#waiting.length = 0));
    stream.onDrain(() => this.#tellDrained());
  }

  write(chunk: string | Uint8Array): boolean {
    for (const block of blocksIn(chunk)) {
      this.#waiting.push(block);
      this.#waitingBytes += block.text.length;
    }
    if (!this.#isTranslating) this.#run().catch((thrown: unknown) => this.#fail(thrown));
    return this.#waiting.length === 0;
  }

  get pendingBytes(): number {
    return Math.max(0, this.#waitingBytes - excusedBytes) + this.#stream.pendingBytes;
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  onClose(listener: () => void): void {
    this.#stream.onClose(listener);
  }

  end(): void {
    this.#isEnding = true;
    if (!this.#isTranslating) this.#stream.end();
  }

  abort(): void {
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#stream.abort();
  }

  async #run(): Promise<void> {
    const { translate, turns, tenant } = this.#options;
    this.#isTranslating = true;
    while (this.#waiting.length > 0) {
      await turns.next(tenant);
      for (let block = this.#waiting.shift(); block !== undefined; block = this.#waiting.shift()) {
        this.#waitingBytes -= block.text.length;
        const result = translate(block);
        if (result !== '') this.#stream.write(result);
        if (turns.isOver) break;
      }
    }
    this.#isTranslating = false;
    this.#tellDrained();
    if (this.#isEnding) this.#stream.end();
  }

  #fail(thrown: unknown): void {
    this.#isTranslating = false;
    this.#options.onFault(thrown);
    this.abort();
  }

  #tellDrained(): void {
    if (this.#isTranslating || this.#stream.pendingBytes > 0) return;
    for (const listener of this.#drainListeners) listener();
  }
}
