import type { ExecutionResult } from 'graphql';
import type { HttpStream } from '../../transport/http.ts';
import { isJsonObject } from '../../../channels/event/json.ts';
import { blocksIn } from '../subscriptions/sse-blocks.ts';
import { resultIn } from './plain-result.ts';

const idLine = /^id: (.*)$/mu;

/** `extensions.position`: everything up to there was sent before, so that a client that comes back with it misses nothing. */
function placed(data: string, position: string | undefined): ExecutionResult {
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
  readonly #waiting: { readonly data: string; readonly position: string | undefined }[] = [];
  readonly #drainListeners: (() => void)[] = [];
  readonly #closeListeners: (() => void)[] = [];
  #wake: (() => void) | undefined;
  #position: string | undefined;
  #waitingBytes = 0;
  #isComplete = false;
  #isOver = false;

  /** `onInterrupted`: it ended before what it is about did, so the client has to come back. */
  constructor(socketBytes: () => number, onInterrupted: () => void) {
    this.#socketBytes = socketBytes;
    this.#onInterrupted = onInterrupted;
  }

  write(chunk: string | Uint8Array): boolean {
    if (this.#isOver) return false;
    const text = typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk);
    for (const { event, data, text: block } of blocksIn(text)) {
      if (event === 'next') this.#push(data);
      else if (event === 'complete') this.#isComplete = true;
      else this.#position = idLine.exec(block)?.[1] ?? this.#position;
    }
    this.#wakeUp();
    return this.#waiting.length === 0;
  }

  get pendingBytes(): number {
    return this.#waitingBytes + this.#socketBytes();
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  onClose(listener: () => void): void {
    if (this.#isOver) queueMicrotask(listener);
    else this.#closeListeners.push(listener);
  }

  end(): void {
    this.#close(!this.#isComplete);
  }

  abort(): void {
    this.#waiting.length = 0;
    this.#close(true);
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    while (this.#waiting.length === 0 && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
    const first = this.#waiting.shift();
    if (first === undefined) return { done: true, value: undefined };
    this.#waitingBytes -= Buffer.byteLength(first.data);
    if (this.#waiting.length === 0) for (const listener of this.#drainListeners) listener();
    return { done: false, value: placed(first.data, first.position) };
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
    this.#waiting.push({ data, position: this.#position });
    this.#waitingBytes += Buffer.byteLength(data);
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #close(isInterrupted: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wakeUp();
    for (const listener of this.#closeListeners.splice(0)) listener();
    if (isInterrupted) this.#onInterrupted();
  }
}
