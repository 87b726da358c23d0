import { benchNamespace } from './cloud-events.ts';

const [domains, types, owners, tags, platforms] = [20, ['table', 'view', 'topic', 'dashboard'], 500, 200, 8] as const;

/** A small asset as an import has it, one a line. */
export function assetLine(index: number): string {
  return JSON.stringify({
    urn: `${benchNamespace}:asset-${index}`,
    type: types[index % types.length],
    name: `asset_${index}`,
    platform: `platform-${index % platforms}`,
    domain: `domain-${index % domains}`,
    description: `Orders of branch office ${index}`,
    owners: [{ id: `owner-${index % owners}`, type: 'user' }],
    classifications: [{ scheme: 'pii', name: `tag-${index % tags}` }],
  });
}

/** Filters on the common head fields, of other values each round; each finds something. */
export function findFilters(round: number, documents: number): Readonly<Record<string, object>> {
  return {
    domain: { domain: `domain-${round % domains}` },
    type: { type: types[round % types.length] },
    owner: { owners: `owner-${round % owners}` },
    tag: { tags: `pii/tag-${round % tags}` },
    platform: { platform: `platform-${round % platforms}` },
    namePrefix: { name: { $startsWith: `asset_${Math.floor((documents * 4) / 5) + round}` } },
  };
}
