import { applyChange } from '../../channels/catalog/apply-change.ts';
import type { CatalogDocument } from '../../channels/catalog/document.ts';
import type { Change } from '../../channels/catalog/change.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';

/** Tenant of every bench. */
export const benchTenant = 'bench';

/** The time of day: what seems to be of long ago a hub would look up in its journal. */
const baseTimeMs = Date.now();

function changeOf(index: number, entities: number): Change {
  const entity = index % entities;
  const round = Math.floor(index / entities);
  const time = new Date(baseTimeMs + index).toISOString();
  return {
    tenant: benchTenant,
    connector: 'bench',
    source: '/bench',
    urn: `urn:gov:bench:table-${entity}`,
    messageId: `m-${index}`,
    ordinal: 0,
    time,
    completeness: 'delta',
    replay: false,
    nativeId: `table-${entity}`,
    authtype: 'unknown',
    origin: { system: 'bench', transport: 'http' },
    target: 'asset',
    action: 'upsert',
    patch: {
      type: 'table',
      name: `table_${entity}`,
      fqn: `warehouse.sales.table_${entity}`,
      platform: 'hive',
      domain: `domain-${entity % 20}`,
      description: `Orders of the branch offices, revision ${round}`,
      owners: { mode: 'state', list: [{ id: 'ada', type: 'user' }] },
      classifications: {
        mode: 'state',
        list: round % 2 === 0 ? [] : [{ scheme: 'pii', name: 'email', origin: 'automated', state: 'confirmed' }],
      },
    },
  };
}

/** Realistic events: the real rule of the catalog applied to a stream of changes of `entities` tables. */
export function benchEvents(count: number, entities = 200): readonly HubEvent[] {
  const documents = new Map<string, CatalogDocument>();
  const events: HubEvent[] = [];
  for (let index = 0; events.length < count; index++) {
    const change = changeOf(index, entities);
    const applied = applyChange(documents.get(change.urn), change, {
      recordedAt: new Date(baseTimeMs + index).toISOString(),
      parentsOf: () => [],
    });
    if (applied === undefined) continue;
    documents.set(change.urn, applied.document);
    if (applied.event !== undefined) events.push(applied.event);
  }
  return events;
}
