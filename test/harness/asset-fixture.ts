import type { AssetPatch, ClassificationChange } from '../../channels/catalog/change.ts';
import type { Classification } from '../../channels/catalog/document.ts';
import type { Grant } from '../../channels/policy/policy.ts';

/** Grants of every kind. */
export const assetRoles: Readonly<Record<string, readonly Grant[]>> = {
  steward: [{ allow: 'read' }, { allow: 'write' }],
  chief: [{ allow: 'read' }, { allow: 'write' }, { allow: 'declassify' }],
  reader: [{ allow: 'read' }],
  viewer: [{ allow: 'read' }, { allow: 'write' }, { deny: 'read', where: { tags: { $startsWith: 'pii/' } } }],
  retail: [{ allow: 'read' }, { allow: 'write', where: { domain: 'retail' } }],
  own: [{ allow: 'read', where: { domain: 'retail' } }, { allow: 'write' }],
  writer: [{ allow: 'write' }],
  documentalist: [
    { allow: 'read' },
    { allow: 'write', fields: ['description', 'columns.description', 'owners'] },
    { deny: 'write', fields: ['owners'], where: { status: 'active' } },
  ],
};
export const ordersUrn = 'urn:gov:warehouse:orders';
export const ordersPath = `/v1/assets/${encodeURIComponent(ordersUrn)}`;

function suggested(state: Classification['state'] = 'suggested'): ClassificationChange {
  return { mode: 'state', list: [{ scheme: 'pii', name: 'email', origin: 'automated', state, level: 3 }] };
}
/** As its source says it; the tag of the column is in this state. */
export function orders(state?: Classification['state']): AssetPatch {
  return {
    type: 'table',
    name: 'orders',
    description: 'from the source',
    domain: 'retail',
    owners: { mode: 'state', list: [{ id: 'bob', type: 'user' }] },
    columns: { mode: 'state', list: [{ name: 'id' }, { name: 'email', classifications: suggested(state) }] },
  };
}
