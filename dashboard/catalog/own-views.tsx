import { defaultParseSearch, defaultStringifySearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { type CatalogSearch, parseCatalogSearch } from './catalog-search.ts';
import { useOwnViews } from './use-own-views.ts';

export interface OwnViewsProps {
  readonly search: CatalogSearch;
  readonly become: (next: CatalogSearch) => void;
}

/** What somebody has kept for themselves, and keeps of what the list is asked now. */
export function OwnViewsPanel({ search, become }: OwnViewsProps): React.JSX.Element {
  const { views, problem, keep, remove } = useOwnViews();
  const [name, setName] = useState('');
  const asked = defaultStringifySearch(search);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void keep({ name: name.trim(), search: asked }).then((isKept) => isKept && setName(''));
  };
  return (
    <fieldset>
      <legend>Your views</legend>
      {views.map((view) => (
        <div key={view.name} className="own-view">
          <button
            type="button"
            className="facet"
            aria-pressed={view.search === asked}
            onClick={() => become(parseCatalogSearch(defaultParseSearch(view.search)))}
          >
            <bdi>{view.name}</bdi>
          </button>
          <button
            type="button"
            className="quiet"
            aria-label={`Forget ${view.name}`}
            onClick={() => void remove(view.name)}
          >
            ×
          </button>
        </div>
      ))}
      {problem === '' ? null : <p role="alert">{problem}</p>}
      {asked === '' ? (
        views.length === 0 ? (
          <p className="hint">Search or narrow the list to keep it here.</p>
        ) : null
      ) : (
        <form className="own-view" onSubmit={submit}>
          <input
            aria-label="Name of this view"
            placeholder="Keep this as…"
            maxLength={100}
            spellCheck={false}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <button type="submit" disabled={name.trim() === ''}>
            Keep
          </button>
        </form>
      )}
    </fieldset>
  );
}
