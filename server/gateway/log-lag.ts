import type { EventLog } from '../../channels/ports/event-log.ts';
import type { Vector } from '../../channels/position/vector.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';

export interface LogLagOptions {
  readonly log: Pick<EventLog, 'heads' | 'epoch'>;
  /** What this gateway has processed. */
  readonly position: () => { readonly epoch: string; readonly vector: Vector };
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const everyMs = 5000;

/** Compares this gateway's position with the heads of the log now and then: one question a look, whatever flows. */
export class LogLag {
  readonly #options: LogLagOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: LogLagOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void (this.#looking = this.look()), everyMs);
    this.#timer.unref();
  }

  /** Resolves when no question is under way any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async look(): Promise<void> {
    const { log, position, metrics, logger } = this.#options;
    try {
      const heads = await log.heads();
      const { epoch, vector } = position();
      // still in the epoch before: the heads say nothing of how far
      if (epoch !== log.epoch) return;
      const behind = heads.map((head, partition) => Math.max(0, head - (vector[partition] ?? 0)));
      metrics.logLag.set(behind.reduce((sum, each) => sum + each, 0));
    } catch (error) {
      logger.debug({ error }, 'the heads of the log could not be read');
    }
  }
}
