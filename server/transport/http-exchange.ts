import { setTimeout as pause } from 'node:timers/promises';
import type { HttpHandler } from './http.ts';

const lookMs = 10;

/** Knows which requests are being answered, and makes each answer the last of its connection when a node is to go. */
export class HttpExchange {
  readonly #handler: HttpHandler;
  #open = 0;
  #isEnding = false;

  constructor(handler: HttpHandler) {
    this.#handler = handler;
  }

  get isEnding(): boolean {
    return this.#isEnding;
  }

  readonly handle: HttpHandler = async (request) => {
    this.#open += 1;
    try {
      const answer = await this.#handler(request);
      return this.#isEnding ? { ...answer, isLast: true } : answer;
    } finally {
      this.#open -= 1;
    }
  };

  /** A balancer that keeps connections for later requests must not find them closed under the next one. */
  endConnections(): void {
    this.#isEnding = true;
  }

  /** Resolves when no answer is pending, or after `withinMs`. */
  async answered(withinMs: number): Promise<void> {
    const untilMs = performance.now() + withinMs;
    while (this.#open > 0 && performance.now() < untilMs) await pause(lookMs);
  }
}
