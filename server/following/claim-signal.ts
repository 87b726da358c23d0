/** Says when a lease ends, for work that must not go on beyond it. */
export class ClaimSignal {
  #claim: AbortController | undefined;
  #end: NodeJS.Timeout | undefined;

  /** Aborted when the lease ends without being renewed; undefined while there is none. */
  get signal(): AbortSignal | undefined {
    return this.#claim?.signal;
  }

  /** The lease runs for so long from now; undefined: it has ended. */
  runFor(ms: number | undefined): void {
    clearTimeout(this.#end);
    if (ms === undefined || ms <= 0) return this.#abort();
    this.#claim ??= new AbortController();
    this.#end = setTimeout(() => this.#abort(), ms).unref();
  }

  #abort(): void {
    this.#claim?.abort(new Error('the lease has ended'));
    this.#claim = undefined;
  }
}
