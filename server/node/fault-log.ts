import type { HubError } from '../../channels/protocol/hub-error.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';

/** Counts what is refused over HTTP, and logs what its client cannot mend. */
export function faultLog({
  logger,
  metrics,
}: {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'refusals'>;
}): (error: HubError) => void {
  return (error) => {
    metrics.refusals.inc({ code: error.code });
    if (error.code === 'internal' || error.code === 'storage-unavailable') logger.error({ error }, 'request failed');
  };
}
