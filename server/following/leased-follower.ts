import { LeaseHolder, type LeaseHolderOptions } from './lease-holder.ts';
import { LogFollower, type LogFollowerOptions } from './log-follower.ts';
import type { LogSink } from './log-sink.ts';

export interface LeasedFollowerOptions
  extends Omit<LeaseHolderOptions, 'keepTo' | 'name'>, Omit<LogFollowerOptions, 'sink'> {
  /** In log lines: `the journal`. */
  readonly name: string;
  /** Undefined where there is nothing to copy: then only the lease is held. */
  readonly sink: LogSink | undefined;
  /** Told after each renewal. */
  readonly onHolding: (holds: boolean) => void;
}

/** Of all processes that have one the one that holds the lease copies the log into the sink; the others stand by. */
export class LeasedFollower {
  readonly #options: LeasedFollowerOptions;
  readonly #holder: LeaseHolder;
  #follower: LogFollower | undefined;

  constructor(options: LeasedFollowerOptions) {
    this.#options = options;
    this.#holder = new LeaseHolder({
      ...options,
      name: `the claim of ${options.name}`,
      keepTo: (holds) => this.#keepTo(holds),
    });
  }

  get holds(): boolean {
    return this.#holder.holds;
  }

  /** Aborted when the lease ends without being renewed; undefined while this process does not have it. */
  get claim(): AbortSignal | undefined {
    return this.#holder.claim;
  }

  /** How often something was written; undefined while this process does not follow. */
  get writes(): number | undefined {
    return this.#follower?.writes;
  }

  start(): void {
    this.#holder.start();
  }

  /** Stops renewing the lease; following continues until `release`. */
  end(): Promise<void> {
    return this.#holder.end();
  }

  /** After `end`: follows no more, and another process may take over at once. */
  release(): Promise<void> {
    return this.#holder.release();
  }

  async #keepTo(holds: boolean): Promise<void> {
    const { sink, name, logger, onHolding } = this.#options;
    onHolding(holds);
    if (sink === undefined || holds === (this.#follower !== undefined)) return;
    const follower = this.#follower ?? new LogFollower({ ...this.#options, sink });
    try {
      if (holds) {
        await follower.start();
        this.#follower = follower;
      } else {
        this.#follower = undefined;
        await follower.close();
      }
    } catch (error) {
      logger.warn({ error }, `${name} cannot be written yet; retrying`);
      await follower.close();
    }
  }
}
