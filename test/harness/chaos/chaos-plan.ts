import { createSeededRandom, type SeededRandom } from '../../../cli/demo/seeded-random.ts';
import type { ClientPlan } from '../reconcile/listener.ts';
import { mixedClients, witness } from '../reconcile/mixed-clients.ts';
import type { TrafficConnector } from '../reconcile/traffic.ts';

/** Few entities, so that each is changed, changed back, deleted and made anew all the time. */
export const chaosConnectors: readonly TrafficConnector[] = [
  {
    ...{ id: 'atlas', format: 'atlas', tenant: 'acme', namespace: 'urn:gov:atlas:prod' },
    ...{ partitions: 2, entities: 20, weight: 3 },
  },
  {
    ...{ id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' },
    ...{ partitions: 3, entities: 30, weight: 5 },
  },
  {
    ...{ id: 'events-globex', format: 'cloudevents', tenant: 'globex', namespace: 'urn:gov:bank' },
    ...{ partitions: 2, entities: 30, weight: 3 },
  },
  {
    ...{ id: 'forms', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:forms' },
    ...{ entities: 20, weight: 3 },
  },
  {
    ...{ id: 'forms-globex', format: 'cloudevents', tenant: 'globex', namespace: 'urn:gov:forms' },
    ...{ entities: 20, weight: 2 },
  },
];

/** A client, how long its tokens last, and the roles between which they change: every other token has `otherRoles`. */
export interface ChaosClientPlan extends ClientPlan {
  readonly tokenTtlSeconds: number;
  /** Share of the calls for a token that fail. */
  readonly tokenFailures: number;
  /** When in the run it connects, in [0, 1]; undefined: before it begins. */
  readonly joinsAt?: number;
}

const lastingTtlSeconds = 3600;

function planned(plan: ClientPlan, random: SeededRandom): ChaosClientPlan {
  const tokenTtlSeconds = random.below(3) === 0 ? 15 + random.below(30) : lastingTtlSeconds;
  const changesRoles = tokenTtlSeconds !== lastingTtlSeconds && random.below(3) === 0;
  const subscriptions = plan.subscriptions.map((each) =>
    random.below(3) === 0 ? { ...each, mode: 'view' as const } : each,
  );
  const otherRoles = [random.pick(['steward', 'viewer', 'cleared', 'current']) as string];
  return {
    ...{ ...plan, subscriptions, tokenTtlSeconds, ...(changesRoles ? { otherRoles } : {}) },
    tokenFailures: random.below(3) === 0 ? 0.3 : 0,
    ...(random.below(5) === 0 ? { joinsAt: random.next() } : {}),
  };
}

/** Clients with mixed channels, filters, roles, tenants, modes and tokens, and some that see everything. */
export function planClients(count: number, seed: number): readonly ChaosClientPlan[] {
  const tenants = ['acme', 'acme', 'globex'];
  const witnesses = ['acme', 'globex', 'acme'].map((tenant, index) => witness(tenant, `witness-${index}`));
  const namespaces = [...new Set(chaosConnectors.map(({ namespace }) => namespace))];
  const random = createSeededRandom(seed + 1);
  return [
    ...mixedClients(count - witnesses.length, { seed, tenants, namespaces }).map((plan) => planned(plan, random)),
    ...witnesses.map((plan) => ({ ...plan, tokenTtlSeconds: lastingTtlSeconds, tokenFailures: 0 })),
  ];
}
