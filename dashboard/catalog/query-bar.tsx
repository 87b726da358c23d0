import type { SearchSnapshot } from '@pursight/client';
import { useEffect, useState } from 'react';
import { counted } from '../ui/counted.ts';
import { ColumnChooser } from './column-chooser.tsx';
import { type CatalogSearch, facetNames, toggled } from './catalog-search.ts';
import { savedViews } from './saved-views.ts';

export interface QueryBarProps {
  readonly search: CatalogSearch;
  readonly become: (next: CatalogSearch, replace?: boolean) => void;
  readonly found: SearchSnapshot;
}

/** The words and the chosen values, all in the address. */
export function QueryBar({ search, become, found }: QueryBarProps): React.JSX.Element {
  const [text, setText] = useState(search.q ?? '');
  // the address may change under the field: back, a saved view, a link
  useEffect(() => setText(search.q ?? ''), [search.q]);
  const type = (q: string): void => {
    setText(q);
    const { q: _before, ...rest } = search;
    become(q === '' ? rest : { ...rest, q }, true);
  };
  return (
    <section className="query-bar" aria-label="Query">
      <input
        data-query
        type="search"
        aria-label="Search the catalog"
        placeholder="Search the catalog…  /"
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            document.querySelector<HTMLElement>('[role="grid"] [tabindex="0"]')?.focus();
          }
        }}
      />
      <div className="result-bar">
        <ResultLine found={found} />
        <ColumnChooser search={search} become={become} />
      </div>
      <ul className="chips" aria-label="Filters">
        {savedViews
          .filter(({ id }) => id === search.gap)
          .map(({ id, name }) => (
            <Chip
              key={id}
              text={name}
              remove={() => {
                const { gap: _gone, ...rest } = search;
                become(rest);
              }}
            />
          ))}
        {facetNames.flatMap((name) =>
          (search.f?.[name] ?? []).map((value) => (
            <Chip
              key={`${name} ${value}`}
              text={`${name}: ${value}`}
              remove={() => become(toggled(search, name, value))}
            />
          )),
        )}
      </ul>
    </section>
  );
}

function Chip({ text, remove }: { readonly text: string; readonly remove: () => void }): React.JSX.Element {
  return (
    <li className="chip">
      <bdi>{text}</bdi>
      <button type="button" aria-label={`Remove ${text}`} onClick={remove}>
        ×
      </button>
    </li>
  );
}

function ResultLine({ found }: Pick<QueryBarProps, 'found'>): React.JSX.Element {
  const { total, status, isSearching, staleMs } = found;
  const count = `${total.relation === 'exact' ? '' : 'at least '}${counted(total.value, 'asset')}`;
  const age =
    staleMs === undefined ? (status === 'live' ? 'live' : '') : `index ${(staleMs / 1000).toFixed(1)} s behind`;
  return (
    <p className="result-line" role="status">
      {status === 'loading' ? 'Searching…' : `${count}${age === '' ? '' : `, ${age}`}`}
      {isSearching && status !== 'loading' ? ' …' : ''}
    </p>
  );
}
