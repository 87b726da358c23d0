import type { SessionPresence } from '../../channels/ports/control-bus.ts';
import type { Session } from './session.ts';

/** What a session shows of itself to operators. */
export function describeSession(session: Session, node: string): SessionPresence {
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
