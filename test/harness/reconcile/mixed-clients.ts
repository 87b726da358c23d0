import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import type { Policy } from '../../../channels/policy/policy.ts';
import { createSelection } from '../../../channels/subscription/selection.ts';
import { createSeededRandom, type SeededRandom } from '../../../cli/demo/seeded-random.ts';
import type { ClientPlan } from './listener.ts';
import { vocabulary } from './vocabulary.ts';

/** Roles of every kind: by domain of the caller, by tag, level and column, by kind, by owner; and some that see nothing. */
export const mixedPolicy: Policy = {
  version: 1,
  roles: {
    admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }, { allow: 'operate' }],
    steward: [{ allow: 'read' }],
    retail: [{ allow: 'read', kinds: ['asset'], where: { domain: { $in: '${principal.domains}' } } }],
    viewer: [
      { allow: 'read', kinds: ['asset'] },
      { deny: 'read', where: { tags: { $startsWith: 'pii/' } } },
    ],
    cleared: [
      { allow: 'read', kinds: ['asset', 'relationship'] },
      { deny: 'read', where: { classifications: { $elemMatch: { scheme: 'pii', level: { $gte: 3 } } } } },
    ],
    columns: [
      { allow: 'read', kinds: ['asset'] },
      { deny: 'read', where: { columnClassifications: { $elemMatch: { name: 'PHONE' } } } },
    ],
    owner: [{ allow: 'read', kinds: ['asset', 'alert'], where: { owners: '${principal.sub}' } }],
    bot: [
      { allow: 'read', kinds: ['alert'] },
      { deny: 'read', where: { status: 'resolved' } },
    ],
    current: [{ allow: 'read', where: { status: { $ne: 'deprecated' } } }],
  },
};

const clientRoles = [
  'steward',
  'retail',
  'viewer',
  'cleared',
  'columns',
  'owner',
  'bot',
  'current',
  'steward',
  'cleared',
  'unknown',
];

const assetFilters: readonly JsonObject[] = [
  { type: 'table' },
  { type: { $in: ['view', 'topic'] } },
  { status: 'deprecated' },
  { owners: { $in: ['ada', 'cleo'] } },
  { $and: [{ owners: 'ben' }, { domain: { $ne: 'risk' } }] },
  { tags: { $startsWith: 'pii/' } },
  { $or: [{ tags: 'gdpr/special' }, { domain: 'treasury' }] },
  { $not: { platform: { $exists: true } }, type: 'dashboard' },
  { platform: 'hive', name: { $startsWith: 'hive-1' } },
  { classifications: { $elemMatch: { name: 'EMAIL', level: { $gt: 1 } } } },
  { columnClassifications: { $elemMatch: { scheme: 'gdpr' } } },
  { domain: { $exists: false }, tags: { $exists: true } },
  { name: { $gte: 'asset-2', $lt: 'asset-3' } },
];
const alertFilters: readonly JsonObject[] = [
  { severity: { $gte: 13 } },
  { status: { $nin: ['resolved'] } },
  { owners: 'dan' },
];

type Subscription = ClientPlan['subscriptions'][number];

function subscription(random: SeededRandom, namespaces: readonly string[]): Subscription {
  const any = <Item>(items: readonly Item[]): Item => random.pick(items) as Item;
  const urn = `${any(namespaces)}:${any(['e', 'e', 'g', 'i'])}-${random.below(30)}`;
  const filter = any(assetFilters);
  const choices: readonly Subscription[] = [
    { channel: 'assets', filter },
    { channel: 'assets', filter },
    { channel: 'assets', filter: { $and: [filter, any(assetFilters)] } },
    { channel: `asset:${urn}` },
    { channel: `domain:${any(vocabulary.domains)}` },
    { channel: `domain:${any(vocabulary.domains)}`, filter },
    { channel: 'classification:pii/*', filter },
    { channel: `classification:${any(['pii/EMAIL', 'pii/PHONE', 'gdpr/special'])}` },
    { channel: 'alerts' },
    { channel: 'alerts', filter: any(alertFilters) },
    { channel: `alert:${any(namespaces)}:i-${4 + 5 * random.below(6)}` },
    { channel: `lineage:${any(namespaces)}:e-${random.below(30)}` },
  ];
  return any(choices);
}

/** Two subscriptions that select the same would share a room, and what came could not be told apart. */
function distinct(subscriptions: readonly Subscription[]): readonly Subscription[] {
  return [...new Map(subscriptions.map((each) => [createSelection(each.channel, each.filter).key, each])).values()];
}

/** Clients with mixed channels, filters, roles and claims; equal seeds give equal clients. */
export function mixedClients(
  count: number,
  {
    seed,
    tenants,
    namespaces,
  }: { readonly seed: number; readonly tenants: readonly string[]; readonly namespaces: readonly string[] },
): readonly ClientPlan[] {
  const random = createSeededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const domains: readonly JsonValue[] = vocabulary.domains.filter(() => random.below(2) === 0);
    const roles = [
      random.pick(clientRoles) as string,
      ...(random.below(5) === 0 ? [random.pick(clientRoles) as string] : []),
    ];
    const wanted = Array.from({ length: 1 + random.below(2) }, () => subscription(random, namespaces));
    return {
      name: `client-${index}`,
      tenant: tenants[index % tenants.length] ?? '',
      sub: random.pick(vocabulary.owners) as string,
      roles,
      claims: domains.length === 0 ? {} : { domains },
      subscriptions: distinct(wanted),
    };
  });
}

/** Sees everything that a tenant has a channel for. */
export function witness(tenant: string, name: string): ClientPlan {
  const subscriptions = [{ channel: 'assets' }, { channel: 'alerts' }];
  return { name, tenant, sub: name, roles: ['steward'], claims: {}, subscriptions };
}
