import {
  type IndexBatch,
  type IndexBuild,
  type IndexQuery,
  type IndexReport,
  type IndexResult,
  type IndexRow,
  maxFacetValues,
  type SearchIndex,
  type StopSignal,
} from '../../channels/ports/search-index.ts';
import type { FacetField } from '../../channels/protocol/search.ts';
import { readableBits } from '../../channels/search/attributes.ts';
import { wordsOf } from '../../channels/search/document-words.ts';
import { Matcher } from '../../channels/search/match.ts';
import { compareRanks, type Rank, sortValue } from '../../channels/search/rank.ts';
import { searchWindow } from '../../channels/search/search-window.ts';
import { compareText } from '../../channels/subscription/compare-text.ts';
import { compileFields, compileFilter } from '../../channels/subscription/compile-filter.ts';
import type { Head } from '../../channels/event/head.ts';

interface JudgedRow {
  readonly row: IndexRow;
  readonly seen: Partial<Head>;
  readonly rank: Rank;
}

/** Values that the class sees, of lists all of them. */
function seenOf({ visible }: IndexRow, requirements: IndexQuery['requirements']): Partial<Head> {
  const seen: Record<string, unknown> = {};
  for (const { requirement, fields } of visible)
    if (requirements.includes(requirement))
      for (const [name, value] of Object.entries(fields)) {
        const held = seen[name];
        seen[name] = Array.isArray(held) && Array.isArray(value) ? [...held, ...value] : value;
      }
  return seen as Partial<Head>;
}

/** What a document is to a search; undefined if it does not match. */
export function judgedRow(row: IndexRow, query: IndexQuery): JudgedRow | undefined {
  const { grants, filter, requirements, sort, words } = query;
  const seen = seenOf(row, requirements);
  if (row.tenant !== query.tenant || !compileFilter(grants)(row.head) || !compileFields(filter)(seen)) return undefined;
  const match = new Matcher(words, readableBits(requirements)).match(wordsOf(row.texts));
  if (match === undefined) return undefined;
  const { urn, ord } = row;
  return { row, seen, rank: { ...match, urn, ord, sort: sort.map(({ field }) => sortValue(seen, field)) } };
}

export function facetsOf(judged: readonly JudgedRow[], fields: readonly FacetField[]): IndexResult['facets'] {
  const countsOf = (field: FacetField): NonNullable<IndexResult['facets'][FacetField]> => {
    const values = judged.flatMap(({ seen }) => [seen[field] ?? []].flat());
    return [...new Set(values)]
      .map((value) => ({ value, count: values.filter((each) => each === value).length }))
      .toSorted((one, other) => other.count - one.count || compareText(String(one.value), String(other.value)))
      .slice(0, maxFacetValues);
  };
  return Object.fromEntries(fields.map((field) => [field, countsOf(field)]));
}

function keyOf({ tenant, urn }: Pick<IndexRow, 'tenant' | 'urn'>): string {
  return `${tenant}|${urn}`;
}

/**
 * An engine that only proposes, with what the hub does with its proposals: asks for a window, drops what does not match, ranks
 * the rest, and counts itself where the engine withholds its counts.
 */
export class JudgedIndex implements SearchIndex {
  readonly engine: SearchIndex['engine'];
  readonly #index: SearchIndex;
  #rows = new Map<string, IndexRow>();
  #begun = new Map<string, IndexRow>();

  constructor(index: SearchIndex) {
    this.#index = index;
    this.engine = index.engine;
  }

  async apply(batch: IndexBatch, stop?: StopSignal): Promise<IndexReport> {
    return this.#applied(this.#rows, await this.#index.apply(batch, stop), batch);
  }

  async search(query: IndexQuery): Promise<IndexResult> {
    const window = searchWindow(this.engine, query.limit);
    const result = await this.#index.search({ ...query, limit: window });
    const rows = result.hits.flatMap(({ urn }) => this.#rows.get(keyOf({ tenant: query.tenant, urn })) ?? []);
    const shown = rows
      .flatMap((row) => judgedRow(row, query) ?? [])
      .toSorted((one, other) => compareRanks(query.sort, one.rank, other.rank));
    const { total, facets } = result;
    const isWithheld = total.relation === 'atLeast' && result.hits.length < window;
    const counts: Pick<IndexResult, 'total' | 'facets'> = isWithheld
      ? { total: { value: shown.length, relation: 'exact' }, facets: facetsOf(shown, query.facets) }
      : { total: { ...total, value: total.value - (result.hits.length - shown.length) }, facets };
    const versions = new Map(result.hits.map(({ urn, version }) => [urn, version]));
    const hits = shown.slice(0, query.limit).map(({ rank: { urn } }) => ({ urn, version: versions.get(urn) ?? 0 }));
    return { hits, ...counts, position: result.position };
  }

  async begin(build: string): Promise<IndexBuild> {
    const begun = await this.#index.begin(build);
    const rows = new Map<string, IndexRow>();
    this.#begun = rows;
    return {
      name: begun.name,
      apply: async (batch, stop) => this.#applied(rows, await begun.apply(batch, stop), batch),
    };
  }

  async adopt(build: string): Promise<void> {
    await this.#index.adopt(build);
    this.#rows = this.#begun;
  }

  async clear(): Promise<void> {
    await this.#index.clear();
    this.#rows = new Map();
  }

  position = (): ReturnType<SearchIndex['position']> => this.#index.position();
  build = (): ReturnType<SearchIndex['build']> => this.#index.build();
  count = (): Promise<number> => this.#index.count();
  list = (...args: Parameters<SearchIndex['list']>): ReturnType<SearchIndex['list']> => this.#index.list(...args);
  versions = (...args: Parameters<SearchIndex['versions']>): ReturnType<SearchIndex['versions']> =>
    this.#index.versions(...args);
  retire = (): Promise<void> => this.#index.retire();
  close = (): Promise<void> => this.#index.close();

  #applied(held: Map<string, IndexRow>, report: IndexReport, { rows, removed }: IndexBatch): IndexReport {
    const refused = new Set(report.refused.map(keyOf));
    for (const row of rows)
      if (!refused.has(keyOf(row)) && (held.get(keyOf(row))?.version ?? 0) < row.version) held.set(keyOf(row), row);
    for (const each of removed) if ((held.get(keyOf(each))?.version ?? 0) <= each.version) held.delete(keyOf(each));
    return report;
  }
}
