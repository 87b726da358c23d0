import { z } from 'zod';
import { json } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { type Route, route, type SignedInCall } from '../http/route.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';

const meSchema = z.object({
  tenant: z.string(),
  sub: z.string(),
  roles: z.array(z.string()),
  capabilities: z.object({
    read: z.boolean(),
    write: z.array(z.string()),
    declassify: z.boolean(),
    administer: z.boolean(),
    operate: z.boolean(),
  }),
});
const contract: RouteContract<'/v1/me'> = {
  ...{ id: 'getMe', group: 'Session', summary: 'Who you are, and what you may do', params: {} },
  errors: ['filter-too-large'],
};

/** Who the caller is to the hub, and what it lets them do somewhere: a screen need not offer what would be refused. */
export function meRoutes({ policy }: { readonly policy: CurrentPolicy }): readonly Route[] {
  const show = ({ principal }: SignedInCall): object => {
    const { tenant, sub, roles } = principal;
    const { fields, declassifies } = policy.writerOf(principal);
    const capabilities = {
      read: !policy.classOf(principal).isEmpty,
      write: fields,
      declassify: declassifies,
      administer: policy.may(principal, 'administer'),
      operate: policy.may(principal, 'operate'),
    };
    return { tenant, sub, roles, capabilities };
  };
  return [
    route({ method: 'GET', path: '/v1/me', access: 'signed-in', contract, answer: json(meSchema), handle: show }),
  ];
}
