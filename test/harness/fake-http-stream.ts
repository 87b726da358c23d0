import type { HttpStream } from '../../server/transport/http.ts';

/** A body in parts without a network; a test says what its client has not taken. */
export class FakeHttpStream implements HttpStream {
  readonly chunks: (string | Uint8Array)[] = [];
  pendingBytes = 0;
  ended: 'end' | 'abort' | undefined;
  readonly #onClose: (() => void)[] = [];

  get text(): string {
    return this.chunks.map((chunk) => Buffer.from(chunk).toString()).join('');
  }

  write(chunk: string | Uint8Array): boolean {
    if (this.ended === undefined) this.chunks.push(chunk);
    return this.pendingBytes === 0;
  }

  onDrain(): void {}

  onClose(listener: () => void): void {
    this.#onClose.push(listener);
  }

  end(): void {
    this.close('end');
  }

  abort(): void {
    this.close('abort');
  }

  close(how: 'end' | 'abort' = 'abort'): void {
    this.ended ??= how;
    for (const listener of this.#onClose.splice(0)) listener();
  }
}
