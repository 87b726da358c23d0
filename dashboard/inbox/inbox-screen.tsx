import type { ViewSnapshot } from '@pursight/client';
import { useSearch, useView } from '@pursight/client/react';
import { useMemo, useState } from 'react';
import { savedViews } from '../catalog/saved-views.ts';
import { counted } from '../ui/counted.ts';
import { Grid, type GridColumn } from '../grid/grid.tsx';
import { useSignedIn } from '../session/signed-in.ts';
import { DecisionBar } from './decision-bar.tsx';
import { type Suggestion, type SuggestionSource, suggestionsOf } from './suggestions.ts';
import { maxAtOnce, useDecisions } from './use-decisions.ts';

const filter = savedViews.find(({ id }) => id === 'suggested')?.filter ?? {};
/** As many as a live search has. */
const firstAssets = 100;
const fields = ['fqn', 'name', 'classifications', 'columns'] as const;
const columns: readonly GridColumn<Suggestion>[] = [
  { id: 'asset', title: 'Asset', share: 3, cell: ({ asset }) => <bdi>{asset}</bdi> },
  { id: 'column', title: 'Column', share: 2, cell: ({ column }) => <bdi>{column?.name ?? 'the asset itself'}</bdi> },
  { id: 'tag', title: 'Suggested', share: 2, cell: ({ tag }) => <bdi className="tag">{tag}</bdi> },
  { id: 'origin', title: 'Origin', share: 1, cell: ({ origin }) => origin },
];

function keyOf({ key }: Suggestion): string {
  return key;
}

/** Suggested classifications that wait for a decision, of all assets or, where these are too many, of the first hundred. */
export function InboxScreen(): React.JSX.Element {
  const { hub } = useSignedIn();
  const { items, status, error } = useView(hub, 'assets', { filter, fields: [...fields] });
  if (error?.code === 'view-too-large') return <FirstSuggestions />;
  return <Suggestions {...{ items, status }} problem={error?.message} ofAll={undefined} />;
}

/** Of the assets that come first by name; as they are decided, others come. */
function FirstSuggestions(): React.JSX.Element {
  const { hub } = useSignedIn();
  const { hits, total } = useSearch(hub, '', { filter, sort: ['name'], limit: firstAssets, highlight: false });
  const urns = hits.map(({ entity }) => entity.urn);
  const first = { $and: [{ urn: { $in: urns.length === 0 ? ['none'] : urns } }, filter] };
  const { items, status, error } = useView(hub, 'assets', { filter: first, fields: [...fields] });
  return <Suggestions {...{ items, status }} problem={error?.message} ofAll={total.value} />;
}

interface SuggestionsProps {
  readonly items: readonly SuggestionSource[];
  readonly status: ViewSnapshot['status'];
  readonly problem: string | undefined;
  /** How many assets have suggestions, where these are not of all. */
  readonly ofAll: number | undefined;
}

/** Each decision is bound to its asset, column and tag, never to a place. */
function Suggestions({ items, status, problem, ofAll }: SuggestionsProps): React.JSX.Element {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState('');
  const { said, isBusy, decide } = useDecisions(() => {
    setChosen(new Set());
    setReason('');
  });
  const rows = useMemo(() => suggestionsOf(items), [items]);
  const selected = rows.filter(({ key }) => chosen.has(key));
  const onRowKey = (key: string, row: Suggestion): boolean => {
    if (key !== 'a' && key !== 'r') return false;
    void decide(key === 'a' ? 'approve' : 'reject', selected.length > 0 ? selected : [row], reason.trim());
    return true;
  };
  const toggle = ({ key }: Suggestion): void =>
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const empty = status === 'loading' ? 'Loading…' : 'Nothing waits. New suggestions appear here by themselves.';
  return (
    <section className="inbox" aria-busy={status === 'loading'}>
      <header>
        <h1>Inbox</h1>
        <p>
          {counted(rows.length, 'suggested classification')} {rows.length === 1 ? 'waits' : 'wait'} for a decision
          {ofAll === undefined ? '' : `, in the first of ${counted(ofAll, 'asset')} that have any`}
          {status === 'stale' ? ', catching up' : ''}.
        </p>
      </header>
      <DecisionBar
        count={selected.length}
        all={rows.length}
        isBusy={isBusy}
        selectAll={() => setChosen(new Set(rows.slice(0, maxAtOnce).map(keyOf)))}
        clear={() => setChosen(new Set())}
        {...{ reason, setReason }}
        decide={(decision) => void decide(decision, selected, reason.trim())}
      />
      <p role="status" className="said">
        {said}
      </p>
      <Grid
        label="Suggested classifications"
        {...{ rows, keyOf, columns, onRowKey, toggle }}
        selected={chosen}
        empty={problem ?? empty}
      />
    </section>
  );
}
