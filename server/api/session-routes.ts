import type { ControlBus } from '../../channels/ports/control-bus.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { json } from '../http/answers.ts';
import { type Route, route, type SignedInCall } from '../http/route.ts';

export interface SessionRoutesOptions {
  readonly bus: ControlBus;
  /** Closes a session of this node. */
  readonly disconnectHere: (tenant: string, id: string) => boolean;
  /** Asks the other nodes to close it. True when one did. */
  readonly disconnectElsewhere: (tenant: string, id: string) => Promise<boolean>;
}

/** Operators see and close sessions of their own tenant, on whichever node they are. */
export function sessionRoutes({ bus, disconnectHere, disconnectElsewhere }: SessionRoutesOptions): readonly Route[] {
  const list = async ({ principal }: SignedInCall): Promise<object> => {
    return { sessions: await bus.sessions(principal.tenant), complete: bus.state() === 'up' };
  };

  const disconnect = async ({ params, principal: { tenant } }: SignedInCall): Promise<object> => {
    const id = params['id'] ?? '';
    if (disconnectHere(tenant, id) || (await disconnectElsewhere(tenant, id))) return { id, disconnected: true };
    if (bus.state() === 'down')
      throw new HubError('storage-unavailable', 'the control bus is down: sessions of other nodes cannot be reached', {
        retryAfterMs: 2000,
      });
    throw new HubError('not-found', 'id: no such session');
  };

  const common = { access: 'administer', answer: json } as const;
  return [
    route({ ...common, method: 'GET', path: '/v1/sessions', handle: list }),
    route({ ...common, method: 'POST', path: '/v1/sessions/:id/disconnect', handle: disconnect }),
  ];
}
