import type { ControlBus } from '../../channels/ports/control-bus.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { HttpResponse } from '../transport/http.ts';
import { administrator } from './administrator.ts';
import { json, type Route, type RouteRequest } from '../http/router.ts';

export interface SessionRoutesOptions {
  readonly policy: CurrentPolicy;
  readonly bus: ControlBus;
  /** Closes a session of this node. */
  readonly disconnectHere: (tenant: string, id: string) => boolean;
  /** Asks the other nodes to close it. True when one did. */
  readonly disconnectElsewhere: (tenant: string, id: string) => Promise<boolean>;
}

/** Operators see and close sessions of their own tenant, on whichever node they are. */
export function sessionRoutes({
  policy,
  bus,
  disconnectHere,
  disconnectElsewhere,
}: SessionRoutesOptions): readonly Route[] {
  const list = async (request: RouteRequest): Promise<HttpResponse> => {
    const { tenant } = await administrator(request, policy);
    return json({ sessions: await bus.sessions(tenant), complete: bus.state() === 'up' });
  };

  const disconnect = async (request: RouteRequest): Promise<HttpResponse> => {
    const { tenant } = await administrator(request, policy);
    const id = request.params['id'] ?? '';
    if (disconnectHere(tenant, id) || (await disconnectElsewhere(tenant, id))) return json({ id, disconnected: true });
    if (bus.state() === 'down')
      throw new HubError(
        'storage-unavailable',
        'the control bus is down: sessions of other nodes cannot be reached just now',
        { retryAfterMs: 2000 },
      );
    throw new HubError('not-found', 'id: no such session');
  };

  return [
    { method: 'GET', path: '/v1/sessions', handle: list },
    { method: 'POST', path: '/v1/sessions/:id/disconnect', handle: disconnect },
  ];
}
