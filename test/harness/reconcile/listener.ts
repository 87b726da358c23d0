import { classOf, type PolicyClass } from '../../../channels/policy/policy-class.ts';
import type { Policy } from '../../../channels/policy/policy.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { createSelection, type Selection } from '../../../channels/subscription/selection.ts';
import type { SelectionMode } from '../../../channels/wire/form.ts';

/** Who a client is, and all that it asks for. */
export interface ClientPlan {
  readonly name: string;
  readonly tenant: string;
  readonly sub: string;
  readonly roles: readonly string[];
  /** What its roles change to and back, at times that nobody knows beforehand. */
  readonly otherRoles?: readonly string[];
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
  /** Of its other roles. */
  readonly otherClass?: PolicyClass;
}

/** All that it may have at one time or another. */
export function classesOf({ policyClass, otherClass }: Listener): readonly PolicyClass[] {
  return otherClass === undefined ? [policyClass] : [policyClass, otherClass];
}

/** Name of a client's n-th subscription. */
export function listenerName(client: string, index: number): string {
  return `${client}.${index}`;
}

/** All subscriptions of a client under a policy. Those of one client must differ in what they select. */
export function listenersOf(plan: ClientPlan, policy: Policy): readonly Listener[] {
  const { name, tenant, sub, roles, otherRoles, claims } = plan;
  const withRoles = (some: readonly string[]): PolicyClass =>
    classOf(policy, { tenant, sub, roles: some, claims, expiresAtMs: Number.MAX_SAFE_INTEGER });
  const policyClass = withRoles(roles);
  const otherClass = otherRoles === undefined ? {} : { otherClass: withRoles(otherRoles) };
  return plan.subscriptions.map(({ channel, filter, mode }, index) => ({
    name: listenerName(name, index),
    tenant,
    selection: createSelection(channel, filter, { mode }),
    policyClass,
    ...otherClass,
  }));
}
