import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { GridColumn } from '../grid/grid.tsx';
import { comparing } from '../live/compare-heads.ts';
import { entityOf, type HeadRow, LiveGrid } from '../live/live-grid.tsx';
import { useLiveTable } from '../live/use-live-table.ts';
import { useMe } from '../session/use-me.ts';
import { counted } from '../ui/counted.ts';
import { Tags } from '../ui/tags.tsx';
import { type ConceptKind, conceptKindNames, conceptKinds } from './concept-kind.ts';
import { type ConceptsSearch, parseConceptsSearch } from './concepts-search.ts';
import { NewConcept } from './new-concept.tsx';

const byName = comparing('name');

/** Terms, domains and teams: all that people and sources have defined, live. */
export function ConceptsScreen(): React.JSX.Element {
  const given = useSearch({ from: '/concepts' });
  const search = useMemo(() => parseConceptsSearch({ ...given }), [given]);
  const navigate = useNavigate();
  const become = (next: ConceptsSearch, replace = false): void =>
    void navigate({ to: '/concepts', search: next, replace });
  const kind = conceptKinds[search.kind ?? 'term'];
  const { define, ...list } = search;
  return (
    <section className="concepts">
      <h1>{define === undefined ? 'Concepts' : `A new ${kind.name}`}</h1>
      {define === undefined ? (
        <>
          <Kinds current={kind} />
          <ConceptList key={kind.name} {...{ kind, search, become }} />
        </>
      ) : (
        <NewConcept key={`${kind.name} ${define}`} kind={kind} id={define} close={() => become(list)} />
      )}
    </section>
  );
}

function Kinds({ current }: { readonly current: ConceptKind }): React.JSX.Element {
  return (
    <nav aria-label="Kinds" className="kinds">
      {conceptKindNames.map((name) => (
        <Link
          key={name}
          to="/concepts"
          search={name === 'term' ? {} : { kind: name }}
          aria-current={name === current.name ? 'page' : undefined}
        >
          {conceptKinds[name].title}
        </Link>
      ))}
    </nav>
  );
}

interface ConceptListProps {
  readonly kind: ConceptKind;
  readonly search: ConceptsSearch;
  readonly become: (next: ConceptsSearch, replace?: boolean) => void;
}

function ConceptList({ kind, search, become }: ConceptListProps): React.JSX.Element {
  const navigate = useNavigate();
  const { write } = useMe();
  const table = useLiveTable(kind.plural, undefined, byName);
  const { q = '' } = search;
  const rows = useMemo(() => table.rows.filter((row) => isNamed(row, q)), [table.rows, q]);
  const type = (text: string): void => {
    const { q: _before, ...rest } = search;
    become(text === '' ? rest : { ...rest, q: text }, true);
  };
  return (
    <>
      <div className="concept-bar">
        <input
          data-query
          type="search"
          aria-label={`Names of ${kind.plural}`}
          placeholder="Part of a name…  /"
          spellCheck={false}
          autoComplete="off"
          value={q}
          onChange={(event) => type(event.target.value)}
        />
        {write.has('existence') ? (
          <button type="button" onClick={() => become({ ...search, define: '' })}>
            New {kind.name}
          </button>
        ) : null}
        <span role="status" className="hint">
          {table.status === 'loading' ? '' : counted(rows.length, kind.name)}
        </span>
      </div>
      <LiveGrid
        label={kind.title}
        table={table}
        rows={rows}
        columns={columnsOf(kind)}
        open={({ urn }) => void navigate({ to: '/concepts/$kind/$urn', params: { kind: kind.name, urn } })}
        empty={q === '' ? 'There is nothing that you may see yet.' : 'No name has these words.'}
      />
    </>
  );
}

/** A row that has left keeps its place until the order may move again. */
function isNamed(row: HeadRow, q: string): boolean {
  const name = entityOf(row)?.name.toLowerCase();
  return (
    name === undefined ||
    q
      .toLowerCase()
      .split(/\s+/)
      .every((word) => name.includes(word))
  );
}

function columnsOf({ name }: ConceptKind): readonly GridColumn<HeadRow>[] {
  const domain: GridColumn<HeadRow> = {
    ...{ id: 'domain', title: 'Domain', share: 1, fromPx: 480 },
    cell: (row) => <bdi>{entityOf(row)?.domain}</bdi>,
  };
  return [
    {
      ...{ id: 'name', title: 'Name', share: 3 },
      cell: (row) =>
        row.item === undefined ? <span className="hint">left this view</span> : <bdi>{row.item.entity.name}</bdi>,
    },
    { id: 'type', title: 'Type', share: 1, fromPx: 620, cell: (row) => <bdi>{entityOf(row)?.type}</bdi> },
    ...(name === 'term' ? [domain] : []),
    {
      id: 'owners',
      title: 'Owners',
      share: 2,
      fromPx: 480,
      cell: (row) => <Tags tags={entityOf(row)?.owners ?? []} />,
    },
    { id: 'status', title: 'Status', share: 1, cell: (row) => <bdi>{entityOf(row)?.status}</bdi> },
  ];
}
