import { DensityChoice } from '../settings/density-choice.tsx';
import { type CatalogSearch, type FacetName, facetNames, facetTitles } from './catalog-search.ts';

export interface ColumnChooserProps {
  readonly search: CatalogSearch;
  readonly become: (next: CatalogSearch, replace?: boolean) => void;
}

/** Which columns there are, in the address; and how high the rows are. */
export function ColumnChooser({ search, become }: ColumnChooserProps): React.JSX.Element {
  const { cols, ...rest } = search;
  const shown = new Set<FacetName>(cols ?? facetNames);
  const toggle = (name: FacetName): void => {
    const next = facetNames.filter((each) => (each === name) !== shown.has(each));
    become({ ...rest, cols: next }, true);
  };
  return (
    <details className="chooser">
      <summary>Columns</summary>
      <div className="chooser-panel">
        <fieldset>
          <legend>Beside the name</legend>
          {facetNames.map((name) => (
            <label key={name} className="check">
              <input type="checkbox" checked={shown.has(name)} onChange={() => toggle(name)} />
              {facetTitles[name]}
            </label>
          ))}
        </fieldset>
        {cols === undefined ? (
          <p className="hint">As many as there is room for.</p>
        ) : (
          <button type="button" onClick={() => become(rest, true)}>
            Fit to width
          </button>
        )}
        <DensityChoice />
      </div>
    </details>
  );
}
