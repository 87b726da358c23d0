import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { ConnectionLimits } from '../security/connection-limits.ts';
import type { Admission } from '../transport/knock.ts';

export interface AdmissionParts {
  readonly isGateway: boolean;
  readonly isRunning: () => boolean;
  readonly refusalOfOrigin: (origin: string | undefined) => HubError | undefined;
  readonly limits: Pick<ConnectionLimits, 'refusalFor'>;
  readonly metrics: Metrics;
}

/** Who may shake hands: all that can be said without a token. */
export function createAdmission({ isGateway, isRunning, refusalOfOrigin, limits, metrics }: AdmissionParts): Admission {
  const refusalOf: Admission = ({ origin, address }) => {
    if (!isGateway) return new HubError('not-ready', 'this node is not a gateway; use another address');
    if (!isRunning()) return new HubError('not-ready', 'this node is starting or stopping', { retryAfterMs: 1000 });
    return refusalOfOrigin(origin) ?? limits.refusalFor(address);
  };
  return (knock) => {
    const refusal = refusalOf(knock);
    if (refusal !== undefined) metrics.refusals.inc({ code: refusal.code });
    return refusal;
  };
}
