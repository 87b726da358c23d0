import { type LineageSearch, parseLineageSearch } from '../lineage/lineage-search.ts';

export const assetTabs = ['overview', 'columns', 'lineage', 'history'] as const;
export type AssetTab = (typeof assetTabs)[number];

/** What the address says of an asset: the part that is shown, and what of it. */
export interface AssetSearch extends LineageSearch {
  readonly tab?: AssetTab;
  /** As it was after the event with this id; `now` or `start`: the last and the first moment that is known. */
  readonly at?: string;
}

const maxCharacters = 100;

export function parseAssetSearch({ tab, at, ...rest }: Record<string, unknown>): AssetSearch {
  const known = assetTabs.find((each) => each === tab);
  return {
    ...(known === undefined ? {} : { tab: known }),
    ...(known === 'lineage' ? parseLineageSearch(rest) : {}),
    ...(typeof at === 'string' && at !== '' && at.length <= maxCharacters ? { at } : {}),
  };
}
