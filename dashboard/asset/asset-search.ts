export const assetTabs = ['overview', 'columns', 'lineage', 'history'] as const;
export type AssetTab = (typeof assetTabs)[number];

export interface AssetSearch {
  readonly tab?: AssetTab;
}

export function parseAssetSearch({ tab }: Record<string, unknown>): AssetSearch {
  const known = assetTabs.find((each) => each === tab);
  return known === undefined ? {} : { tab: known };
}
