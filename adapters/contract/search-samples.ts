import type { AssetDocument } from '../../channels/catalog/document.ts';
import type { IndexQuery, IndexResult, IndexRow, SearchIndex } from '../../channels/ports/search-index.ts';
import { openRequirement } from '../../channels/search/attributes.ts';
import { indexRowOf } from '../../channels/search/index-row.ts';
import { parseSearchWords } from '../../channels/search/search-words.ts';
import { everything } from '../../channels/subscription/filter.ts';
import { sampleAsset } from './samples.ts';

export interface OpenedSearchIndex {
  readonly index: SearchIndex;
  /** Closes and removes everything. */
  readonly dispose: () => Promise<void>;
}

/** The row of an asset. */
export function sampleRow(urn: string, fields: Partial<Omit<AssetDocument, 'head'>> = {}, tenant = 'acme'): IndexRow {
  const asset = sampleAsset(tenant, urn, fields);
  return indexRowOf(asset, asset.head).row;
}

export interface SampleQuery extends Partial<Omit<IndexQuery, 'words'>> {
  readonly q?: string;
  readonly strategy?: 'all' | 'last';
}

/** A search of a class that may read everything that is open. */
export function sampleQuery({ q = '', strategy = 'all', ...fields }: SampleQuery = {}): IndexQuery {
  return {
    tenant: 'acme',
    words: parseSearchWords(q, strategy),
    grants: everything,
    filter: everything,
    requirements: [openRequirement],
    facets: [],
    sort: [],
    limit: 100,
    ...fields,
  };
}

export async function putRows(index: SearchIndex, rows: readonly IndexRow[]): Promise<void> {
  await index.apply({ rows, removed: [] });
}

/** Urns of the hits, in their order. */
export function urnsOf({ hits }: Pick<IndexResult, 'hits'>): readonly string[] {
  return hits.map(({ urn }) => urn);
}
