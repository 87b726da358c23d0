import { lazy, Suspense } from 'react';
import { ImpactSummary } from './impact-summary.tsx';
import { LineageList } from './lineage-list.tsx';
import { type LineageSearch, maxDepth, parseLineageSearch, usualDepth } from './lineage-search.ts';

export interface LineagePanelProps {
  readonly urn: string;
  readonly search: LineageSearch;
  readonly become: (next: LineageSearch) => void;
}

/** Loaded when somebody looks at lineage. After an update of the hub an open page no longer finds its parts. */
const LineageGraph = lazy(() =>
  import('./lineage-graph.tsx').then(
    (module) => ({ default: module.LineageGraph }),
    () => ({ default: Outdated }),
  ),
);

function Outdated(): React.JSX.Element {
  return <p role="alert">The graph could not be loaded. Load the page again.</p>;
}

/** Lineage as a graph, in numbers, and as a list of what is next to the asset. */
export function LineagePanel({ urn, search, become }: LineagePanelProps): React.JSX.Element {
  return (
    <>
      <Choices search={search} become={become} />
      <Suspense fallback={<p aria-busy="true">Loading…</p>}>
        <LineageGraph {...{ urn, search, become }} />
      </Suspense>
      <ImpactSummary urn={urn} />
      <LineageList urn={urn} />
    </>
  );
}

const ways = { '': 'Both ways', upstream: 'What leads here', downstream: 'What depends on it' } as const;

function Choices({ search, become }: Omit<LineagePanelProps, 'urn'>): React.JSX.Element {
  const choose = (change: object): void => become(parseLineageSearch({ ...search, ...change }));
  return (
    <div className="graph-choices">
      <select
        aria-label="Direction"
        value={search.way ?? ''}
        onChange={({ target }) => choose({ way: target.value, more: [] })}
      >
        {Object.entries(ways).map(([way, title]) => (
          <option key={way} value={way}>
            {title}
          </option>
        ))}
      </select>
      <select
        aria-label="Steps"
        value={search.depth ?? usualDepth}
        onChange={({ target }) => choose({ depth: Number(target.value) })}
      >
        {Array.from({ length: maxDepth }, (_, at) => (
          <option key={at} value={at + 1}>
            {at === 0 ? '1 step' : `${at + 1} steps`}
          </option>
        ))}
      </select>
    </div>
  );
}
