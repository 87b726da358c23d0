import { type LineageSearch, parseLineageSearch } from '../lineage/lineage-search.ts';

export const assetTabs = ['overview', 'columns', 'lineage', 'history'] as const;
export type AssetTab = (typeof assetTabs)[number];

/** What the address says of an asset: the part that is shown, and what of it. */
export interface AssetSearch extends LineageSearch {
  readonly tab?: AssetTab;
}

export function parseAssetSearch({ tab, ...rest }: Record<string, unknown>): AssetSearch {
  const known = assetTabs.find((each) => each === tab);
  if (known === undefined) return {};
  return known === 'lineage' ? { tab: known, ...parseLineageSearch(rest) } : { tab: known };
}
