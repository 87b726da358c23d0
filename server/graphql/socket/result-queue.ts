import type { ExecutionResult } from 'graphql';
import { isJsonObject } from '../../../channels/event/json.ts';
import type { HttpStream } from '../../transport/http.ts';
import { StreamListeners } from '../../transport/stream-listeners.ts';
import { blocksIn } from '../subscriptions/sse-blocks.ts';
import { resultIn } from './plain-result.ts';

const idLine = /^id: (.*)$/mu;

interface WaitingResult {
  readonly data: string;
  readonly bytes: number;
  readonly position: string | undefined;
}

/** `extensions.position`: everything up to there was sent before, so that a client that comes back with it misses nothing. */
function placed({ data, position }: WaitingResult): ExecutionResult {
  const told: unknown = JSON.parse(data);
  const result = resultIn(isJsonObject(told) ? told : {});
  return position === undefined ? result : { ...result, extensions: { position } };
}

/**
 * A stream of results, written as server-sent events and read one by one: what is not read yet counts as pending, so the
 * stream is held to the limits of every other one.
 */
export class ResultQueue implements HttpStream, AsyncIterableIterator<ExecutionResult> {
  readonly #socketBytes: () => number;
  readonly #onInterrupted: () => void;
  readonly #waiting: WaitingResult[] = [];
  readonly #listeners = new StreamListeners();
  #wake: (() => void) | undefined;
  #position: string | undefined;
  #waitingBytes = 0;
  #isComplete = false;

  /** `onInterrupted`: it ended before what it is about did, so the client has to come back. */
  constructor(socketBytes: () => number, onInterrupted: () => void) {
    this.#socketBytes = socketBytes;
    this.#onInterrupted = onInterrupted;
  }

  write(chunk: string | Uint8Array): boolean {
    if (this.#listeners.isClosed) return false;
    for (const { event, data, text } of blocksIn(chunk)) {
      if (event === 'next') this.#push(data);
      else if (event === 'complete') this.#isComplete = true;
      else this.#position = idLine.exec(text)?.[1] ?? this.#position;
    }
    this.#wakeUp();
    return this.#waiting.length === 0;
  }

  get pendingBytes(): number {
    return this.#waitingBytes + this.#socketBytes();
  }

  onDrain(listener: () => void): void {
    this.#listeners.onDrain(listener);
  }

  onClose(listener: () => void): void {
    this.#listeners.onClose(listener);
  }

  end(): void {
    this.#close(!this.#isComplete);
  }

  abort(): void {
    this.#waiting.length = 0;
    this.#close(true);
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    while (this.#waiting.length === 0 && !this.#listeners.isClosed)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    const first = this.#waiting.shift();
    if (first === undefined) return { done: true, value: undefined };
    this.#waitingBytes -= first.bytes;
    if (this.#waiting.length === 0) this.#listeners.drained();
    return { done: false, value: placed(first) };
  }

  /** The client wants no more. */
  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.#waiting.length = 0;
    this.#close(false);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #push(data: string): void {
    const bytes = Buffer.byteLength(data);
    this.#waiting.push({ data, bytes, position: this.#position });
    this.#waitingBytes += bytes;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #close(isInterrupted: boolean): void {
    if (!this.#listeners.close()) return;
    this.#wakeUp();
    if (isInterrupted) this.#onInterrupted();
  }
}
