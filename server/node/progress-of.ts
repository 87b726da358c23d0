import type { Gateway } from '../gateway/gateway.ts';
import type { LogLag } from '../gateway/log-lag.ts';
import type { Metrics } from '../observability/metrics.ts';
import { ProgressWatch } from '../observability/progress-watch.ts';
import type { HubOptions } from './hub.ts';

/** Watches the loops of a node, and tells metrics and log of those that stand still. */
export function createProgressWatch({ settings, logger, clock }: HubOptions, metrics: Metrics): ProgressWatch {
  return new ProgressWatch({
    stopwatch: clock,
    stalledAfterMs: settings.stalledAfterMs,
    onStalled: (loop) => {
      metrics.loopStalled.set({ loop }, 1);
      logger.error({ loop }, 'something waits for this loop and it gets no step further');
    },
    onResumed: (loop) => {
      metrics.loopStalled.set({ loop }, 0);
      logger.info({ loop }, 'this loop goes on');
    },
  });
}

/** Delivery waits for records that were read, and for what the log is said to hold beyond. */
export function watchGateway(watch: ProgressWatch, gateway: Gateway, lag: LogLag): void {
  watch.add({
    name: 'gateway',
    waits: () => gateway.queued > 0 || lag.behind > 0,
    progress: () => gateway.revision,
  });
}

/** After a stall nothing is sent before it is known what was revoked meanwhile. */
export function watchControl(watch: ProgressWatch, pending: () => Promise<void> | undefined): void {
  watch.add({ name: 'control', waits: () => pending() !== undefined, progress: () => undefined });
}
