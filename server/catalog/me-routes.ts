import { json } from '../http/answers.ts';
import { type Route, route, type SignedInCall } from '../http/route.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';

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
  return [route({ method: 'GET', path: '/v1/me', access: 'signed-in', answer: json, handle: show })];
}
