import type { EventLog } from '../../../channels/ports/event-log.ts';
import type { Vector } from '../../../channels/position/vector.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { every, type Loop } from '../../turns/every.ts';

export interface LogLagOptions {
  readonly log: Pick<EventLog, 'ends' | 'epoch'>;
  /** What this gateway has processed. */
  readonly position: () => { readonly epoch: string; readonly vector: Vector };
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const everyMs = 5000;

/** Compares this gateway's position with the heads of the log periodically: one question a look, whatever flows. */
export class LogLag {
  readonly #options: LogLagOptions;
  #loop: Loop | undefined;
  #behind = 0;

  constructor(options: LogLagOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = every(everyMs, () => this.look());
  }

  /** Records that this gateway has not processed, as of the last look. */
  get behind(): number {
    return this.#behind;
  }

  /** Resolves when no question is in progress any more. */
  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  async look(): Promise<void> {
    const { log, position, metrics, logger } = this.#options;
    try {
      const heads = await log.ends();
      const { epoch, vector } = position();
      // still in the epoch before: the heads say nothing of how far
      if (epoch !== log.epoch) return;
      const behind = heads.map((head, partition) => Math.max(0, head - (vector[partition] ?? 0)));
      this.#behind = behind.reduce((sum, each) => sum + each, 0);
      metrics.logLag.set(this.#behind);
    } catch (error) {
      logger.debug({ error }, 'the end offsets of the log could not be read');
    }
  }
}
