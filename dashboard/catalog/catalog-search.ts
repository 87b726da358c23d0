import { isRecord, type JsonRecord } from '../ui/json.ts';
import { type SavedViewId, savedViews } from './saved-views.ts';

/** Fields that a result is narrowed by, in the order of the panel. */
export const facetNames = ['type', 'platform', 'domain', 'owners', 'tags', 'status'] as const;
export type FacetName = (typeof facetNames)[number];

export const facetTitles = {
  type: 'Type',
  platform: 'Platform',
  domain: 'Domain',
  owners: 'Owner',
  tags: 'Classification',
  status: 'Status',
} as const satisfies Record<FacetName, string>;

export const sortNames = ['name', 'type', 'platform', 'domain', 'status'] as const;
export type SortName = (typeof sortNames)[number];

/** What the address says of the catalog. */
export interface CatalogSearch {
  readonly q?: string;
  /** Chosen values: within a field one of them, and each field. */
  readonly f?: { readonly [Name in FacetName]?: readonly string[] };
  readonly gap?: SavedViewId;
  readonly sort?: SortName | `-${SortName}`;
  /** Columns beside the name; absent: as many as there is room for. */
  readonly cols?: readonly FacetName[];
}

const sorts = sortNames.flatMap((name) => [name, `-${name}`] as const);

function textsOf(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.filter((value) => typeof value === 'string' && value !== '').slice(0, 50) : [];
}

function chosenOf(given: unknown): NonNullable<CatalogSearch['f']> {
  const chosen: { [Name in FacetName]?: readonly string[] } = {};
  for (const name of facetNames) {
    const values = isRecord(given) ? textsOf(given[name]) : [];
    if (values.length > 0) chosen[name] = values;
  }
  return chosen;
}

/** The part of an address that makes sense; anybody may have written it. */
export function parseCatalogSearch({ q, f, gap, sort, cols }: Record<string, unknown>): CatalogSearch {
  const chosen = chosenOf(f);
  const view = savedViews.find(({ id }) => id === gap);
  const order = sorts.find((each) => each === sort);
  return {
    ...(typeof q === 'string' && q !== '' ? { q: q.slice(0, 500) } : {}),
    ...(Object.keys(chosen).length === 0 ? {} : { f: chosen }),
    ...(view === undefined ? {} : { gap: view.id }),
    ...(order === undefined ? {} : { sort: order }),
    ...(Array.isArray(cols) ? { cols: facetNames.filter((name) => cols.includes(name)) } : {}),
  };
}

/** The same in the filter language of the hub; undefined for everything. */
export function filterOf({ f = {}, gap }: CatalogSearch): JsonRecord | undefined {
  const fields = facetNames.flatMap((name): readonly JsonRecord[] => {
    const values = f[name] ?? [];
    return values.length === 0 ? [] : [{ [name]: values.length === 1 ? (values[0] ?? '') : { $in: values } }];
  });
  const view = savedViews.find(({ id }) => id === gap);
  const all: readonly JsonRecord[] = [...fields, ...(view === undefined ? [] : [view.filter])];
  if (all.length === 0) return undefined;
  return all.length === 1 ? all[0] : { $and: all };
}

/** With a value chosen, or no longer chosen. */
export function toggled(search: CatalogSearch, name: FacetName, value: string): CatalogSearch {
  const before = search.f?.[name] ?? [];
  const values = before.includes(value) ? before.filter((each) => each !== value) : [...before, value];
  const { [name]: _gone, ...others } = search.f ?? {};
  const f = values.length === 0 ? others : { ...others, [name]: values };
  const { f: _before, ...rest } = search;
  return Object.keys(f).length === 0 ? rest : { ...rest, f };
}
