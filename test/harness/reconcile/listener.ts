import { classOf, type PolicyClass } from '../../../channels/policy/policy-class.ts';
import type { Policy } from '../../../channels/policy/policy.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { createSelection, type Selection, type SelectionMode } from '../../../channels/subscription/selection.ts';

/** Who a client is, and all that it asks for. */
export interface ClientPlan {
  readonly name: string;
  readonly tenant: string;
  readonly sub: string;
  readonly roles: readonly string[];
  readonly claims: Readonly<Record<string, JsonValue>>;
  readonly subscriptions: readonly {
    readonly channel: string;
    readonly filter?: JsonObject;
    /** @default 'events' */
    readonly mode?: SelectionMode;
  }[];
}

/** One subscription of one client: what the reconciliation is about. */
export interface Listener {
  readonly name: string;
  readonly tenant: string;
  readonly selection: Selection;
  readonly policyClass: PolicyClass;
}

/** Name of a client's n-th subscription. */
export function listenerName(client: string, index: number): string {
  return `${client}.${index}`;
}

/** All subscriptions of a client under a policy. Those of one client must differ in what they select. */
export function listenersOf(plan: ClientPlan, policy: Policy): readonly Listener[] {
  const { name, tenant, sub, roles, claims } = plan;
  const policyClass = classOf(policy, { tenant, sub, roles, claims, expiresAtMs: Number.MAX_SAFE_INTEGER });
  return plan.subscriptions.map(({ channel, filter, mode }, index) => ({
    name: listenerName(name, index),
    tenant,
    selection: createSelection(channel, filter, mode),
    policyClass,
  }));
}
