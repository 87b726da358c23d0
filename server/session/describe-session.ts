import type { JsonObject } from '../../channels/event/json.ts';
import type { Session } from './session.ts';

/** What a session shows of itself to operators. */
export function describeSession(session: Session, node: string): JsonObject {
  const { principal } = session;
  return {
    id: session.id,
    node,
    tenant: principal.tenant,
    sub: principal.sub,
    roles: principal.roles,
    connectedAt: new Date(session.connectedAtMs).toISOString(),
    client: session.client,
  };
}
