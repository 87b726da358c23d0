import { hubConnector } from '../../channels/catalog/change.ts';
import type { Change } from '../../channels/catalog/change.ts';

type ChangeBase = Omit<Change, 'target' | 'action' | 'patch' | 'purge' | 'mayCut'>;

export interface HubChangeFacts {
  readonly tenant: string;
  readonly urn: string;
  /** Subject of the token of whoever does it. */
  readonly sub: string;
  readonly messageId: string;
  readonly nowIso: string;
}

/** What all changes by people share: ordinary changes of the reserved connector, by a person, now. */
export function hubChange({ tenant, urn, sub, messageId, nowIso }: HubChangeFacts): ChangeBase {
  return {
    tenant,
    urn,
    messageId,
    connector: hubConnector,
    source: `/${hubConnector}`,
    ordinal: 0,
    time: nowIso,
    completeness: 'delta',
    replay: false,
    nativeId: urn,
    actor: { id: sub },
    authtype: 'user',
    origin: { system: hubConnector, transport: 'http' },
  };
}
