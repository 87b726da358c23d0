import { z } from 'zod';
import { timeSchema } from '../../channels/contract/common-schema.ts';
import type { ControlBus, SessionPresence } from '../../channels/ports/control-bus.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { json } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { type Route, route, type SignedInCall } from '../http/route.ts';

export interface SessionRoutesOptions {
  readonly bus: ControlBus;
  /** Closes a session of this node. */
  readonly disconnectHere: (tenant: string, id: string) => boolean;
  /** Asks the other nodes to close it. True when one did. */
  readonly disconnectElsewhere: (tenant: string, id: string) => Promise<boolean>;
}

const sessionSchema = z.object({
  ...{ id: z.string(), node: z.string(), tenant: z.string(), sub: z.string(), roles: z.array(z.string()) },
  ...{ connectedAt: timeSchema, client: z.string() },
}) satisfies z.ZodType<SessionPresence>;
const sessionsSchema = z.object({
  sessions: z.array(sessionSchema),
  complete: z
    .boolean()
    .meta({ description: 'False: the control bus is down, and only sessions of this node are there.' }),
});
const listContract: RouteContract<'/v1/sessions'> = {
  ...{ id: 'listSessions', group: 'Operations', summary: 'Sessions of your tenant on all nodes' },
  params: {},
  errors: [],
};
const disconnectContract: RouteContract<'/v1/sessions/:id/disconnect'> = {
  ...{ id: 'disconnectSession', group: 'Operations', summary: 'Close a session of your tenant' },
  params: { id: { about: 'Id of the session, as in the list.', example: 'fnLiYUL4MTOHKVFwAAAA' } },
  errors: ['not-found', 'storage-unavailable'],
};

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

  const access = 'administer';
  return [
    route({
      ...{ method: 'GET', path: '/v1/sessions', access, contract: listContract, answer: json(sessionsSchema) },
      handle: list,
    }),
    route({
      ...{ method: 'POST', path: '/v1/sessions/:id/disconnect', access, contract: disconnectContract },
      answer: json(z.object({ id: z.string(), disconnected: z.literal(true) })),
      handle: disconnect,
    }),
  ];
}
