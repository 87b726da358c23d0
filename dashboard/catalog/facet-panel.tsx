import type { SearchSnapshot } from '@pursight/client';
import { type CatalogSearch, facetNames, facetTitles, toggled } from './catalog-search.ts';
import { OwnViewsPanel } from './own-views.tsx';
import { savedViews } from './saved-views.ts';

export interface FacetPanelProps {
  readonly search: CatalogSearch;
  readonly become: (next: CatalogSearch) => void;
  readonly facets: SearchSnapshot['facets'];
}

const maxValues = 12;

/** Saved views, and for each field the values of the result with how often they are in it. Only of what the reader may see. */
export function FacetPanel({ search, become, facets }: FacetPanelProps): React.JSX.Element {
  return (
    <aside className="facets" aria-label="Narrow">
      <fieldset>
        <legend>Saved views</legend>
        {savedViews.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            className="facet"
            aria-pressed={search.gap === id}
            onClick={() => {
              const { gap, ...rest } = search;
              become(gap === id ? rest : { ...rest, gap: id });
            }}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <OwnViewsPanel search={search} become={become} />
      {facetNames.map((name) => {
        const chosen = search.f?.[name] ?? [];
        const counted = (facets[name] ?? []).map(({ value, count }) => ({ value: String(value), count }));
        const missing = chosen.filter((value) => !counted.some((each) => each.value === value));
        const shown = [...missing.map((value) => ({ value, count: 0 })), ...counted].slice(0, maxValues);
        if (shown.length === 0) return null;
        return (
          <fieldset key={name}>
            <legend>{facetTitles[name]}</legend>
            {shown.map(({ value, count }) => (
              <button
                key={value}
                type="button"
                className="facet"
                aria-pressed={chosen.includes(value)}
                onClick={() => become(toggled(search, name, value))}
              >
                <bdi>{value}</bdi>
                <span className="count">{count.toLocaleString()}</span>
              </button>
            ))}
          </fieldset>
        );
      })}
    </aside>
  );
}
