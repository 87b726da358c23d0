/** Those who listen to a stream: each time it has drained, and once at its end, also if they ask after it. */
export class StreamListeners {
  readonly #drain: (() => void)[] = [];
  readonly #close: (() => void)[] = [];
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  onDrain(listener: () => void): void {
    this.#drain.push(listener);
  }

  onClose(listener: () => void): void {
    if (this.#isClosed) queueMicrotask(listener);
    else this.#close.push(listener);
  }

  drained(): void {
    for (const listener of this.#drain) listener();
  }

  /** True the first time. */
  close(): boolean {
    if (this.#isClosed) return false;
    this.#isClosed = true;
    for (const listener of this.#close.splice(0)) listener();
    return true;
  }
}
