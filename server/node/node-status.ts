import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { Stopwatch } from '../../channels/ports/clock.ts';
import type { ControlBus } from '../../channels/ports/control-bus.ts';
import { dependenciesOf, type Health, type HealthSource } from '../observability/health.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { ProgressWatch } from '../observability/progress-watch.ts';
import type { Part } from '../part/part.ts';

export interface NodeStatusOptions {
  readonly node: string;
  readonly mode: Health['mode'];
  readonly engine: Health['engine'];
  readonly components: readonly string[];
  readonly store: Pick<CatalogStore, 'ping'>;
  readonly bus: ControlBus;
  readonly stalledAfterMs: number;
  readonly clock: Stopwatch;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Bytes of the resident memory that are pages of a data file. */
  readonly mappedBytes: () => number;
}

/** How a node is: what orchestrators ask for, and what it watches of itself. */
export class NodeStatus {
  phase: 'starting' | 'running' | 'stopping' = 'starting';
  readonly #options: NodeStatusOptions;
  readonly #progress: ProgressWatch;
  #parts: readonly Part[] = [];

  constructor(options: NodeStatusOptions) {
    this.#options = options;
    const { clock, stalledAfterMs, metrics, logger } = options;
    this.#progress = new ProgressWatch({
      stopwatch: clock,
      stalledAfterMs,
      onStalled: (loop) => {
        metrics.loopStalled.set({ loop }, 1);
        logger.error({ loop }, 'this loop is stalled: work is waiting and it makes no progress');
      },
      onResumed: (loop) => {
        metrics.loopStalled.set({ loop }, 0);
        logger.info({ loop }, 'this loop makes progress again');
      },
    });
  }

  get health(): HealthSource {
    const { node, mode, engine, components, store, bus } = this.#options;
    return {
      ...{ node, mode, engine, components, store, bus },
      phase: () => this.phase,
      isPreparing: () => this.#parts.some(({ isPreparing }) => isPreparing?.() ?? false),
      logFresh: () => this.#parts.every(({ logFresh }) => logFresh?.() ?? true),
      search: () => this.#parts.find(({ search }) => search !== undefined)?.search?.(),
      stalled: () => this.#progress.stalled,
    };
  }

  dependencies(): Promise<Health['dependencies']> {
    return dependenciesOf(this.health);
  }

  /** To be called before any of them starts. */
  ofParts(parts: readonly Part[]): void {
    this.#parts = parts;
  }

  /** All parts have started. */
  watch(): void {
    for (const loop of this.#parts.flatMap(({ watched = [] }) => watched)) this.#progress.add(loop);
    this.#progress.start();
  }

  endWatching(): void {
    this.#progress.stop();
  }

  /** Numbers that are read only when someone requests them. */
  refreshGauges(): void {
    this.#options.metrics.storageMappedBytes.set(this.#options.mappedBytes());
    for (const { refreshGauges } of this.#parts) refreshGauges?.();
  }
}
