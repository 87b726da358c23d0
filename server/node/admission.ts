import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Clients } from '../part/clients.ts';
import type { Admission } from '../transport/knock.ts';

export interface AdmissionOptions {
  /** Undefined where no part of this node holds connections. */
  readonly clients: Pick<Clients, 'refusalFor'> | undefined;
  readonly isRunning: () => boolean;
  readonly refusalOfOrigin: (origin: string | undefined) => HubError | undefined;
  readonly metrics: Metrics;
}

/** Checks a handshake before there is a token. */
export function createAdmission({ clients, isRunning, refusalOfOrigin, metrics }: AdmissionOptions): Admission {
  const refusalOf: Admission = ({ origin, address }) => {
    if (clients === undefined) return new HubError('not-ready', 'this node is not a gateway; use another address');
    if (!isRunning()) return new HubError('not-ready', 'this node is starting or stopping', { retryAfterMs: 1000 });
    return refusalOfOrigin(origin) ?? clients.refusalFor(address);
  };
  return (knock) => {
    const refusal = refusalOf(knock);
    if (refusal !== undefined) metrics.refusals.inc({ code: refusal.code });
    return refusal;
  };
}
