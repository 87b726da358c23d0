import { report } from './messages.ts';

/** Closed loop: the parent passes on how far the slowest client is. */
export class Window {
  /** Events that may be under way to the clients before the server waits for the load generator to read. */
  readonly #size: number;
  #acknowledged = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(size = 200) {
    this.#size = size;
    process.on('message', (message: { readonly acknowledged?: number }) => {
      if (message.acknowledged === undefined) return;
      this.#acknowledged = message.acknowledged;
      for (const look of this.#waiting.splice(0)) look();
    });
  }

  /** Resolves when the clients have read all of `count` events. */
  async empty(count: number): Promise<void> {
    await this.room(count + this.#size);
  }

  /** Resolves when `sent` events are not more than the window ahead. */
  async room(sent: number): Promise<void> {
    while (sent - this.#acknowledged > this.#size) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/** User and system time of this process so far, in seconds. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** What this process has used since its warm-up. */
export class Meter {
  readonly #window: Window;
  readonly #warmUp: number;
  #isWarm: boolean;
  #events = 0;
  #cpuSeconds = 0;
  #startedAt = 0;

  /** `warmUp`: events that do not count. */
  constructor(window: Window, warmUp: number) {
    this.#window = window;
    this.#warmUp = warmUp;
    this.#isWarm = warmUp === 0;
  }

  /** Clients have got these events, and those that follow count. */
  start(events = 0): void {
    this.#events = events;
    this.#cpuSeconds = cpuSeconds();
    this.#startedAt = performance.now();
  }

  /** So many have been sent: where that is the warm-up, measuring begins when clients have got them. */
  async reached(events: number): Promise<void> {
    if (this.#isWarm || events < this.#warmUp) return;
    this.#isWarm = true;
    await this.#window.empty(events);
    this.start(events);
  }

  /** Tells the bench when clients have got all of `events`. */
  async done(events: number): Promise<void> {
    await this.#window.empty(events);
    report({
      type: 'done',
      events: events - this.#events,
      cpuSeconds: cpuSeconds() - this.#cpuSeconds,
      wallSeconds: (performance.now() - this.#startedAt) / 1000,
    });
  }
}
