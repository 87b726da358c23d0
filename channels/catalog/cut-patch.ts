import { type AssetPatch, type ClassificationChange, leftOutKey } from './change.ts';
import type { CatalogDocument } from './document.ts';

/** What decides who may see an asset, and by what it is found. */
function protecting({ type, name, domain, owners, status, classifications }: AssetPatch): AssetPatch {
  const parts = Object.entries({ type, name, domain, owners, status, classifications });
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined)) as AssetPatch;
}

function bare(change: ClassificationChange): ClassificationChange {
  const without = (list: Extract<ClassificationChange, { mode: 'state' }>['list']): typeof list =>
    list.map(({ attributes: _attributes, ...tag }) => tag);
  return change.mode === 'state' ? { ...change, list: without(change.list) } : { ...change, add: without(change.add) };
}

/**
 * Smaller forms of a patch that did not fit into its document, to be tried in turn: without what only describes the
 * asset; then in place of what was held of that, and with tags that have no attributes. `reason` stands in the asset.
 */
export function cutPatches(
  patch: AssetPatch,
  held: CatalogDocument | undefined,
  reason: string,
): readonly [AssetPatch, AssetPatch] {
  const small = protecting(patch);
  const marker = { [leftOutKey]: reason };
  const properties = held?.kind === 'asset' ? held.properties : [];
  const gone = Object.fromEntries(properties.map(({ key }) => [key, null]));
  const { classifications } = small;
  return [
    { ...small, properties: marker },
    {
      ...small,
      ...(classifications === undefined ? {} : { classifications: bare(classifications) }),
      description: null,
      properties: { ...gone, ...marker },
    },
  ];
}
