import type { KeyboardEvent } from 'react';
import type { AssetTab } from './asset-search.ts';

const titles = { overview: 'Overview', columns: 'Columns', lineage: 'Lineage', history: 'History' } as const;

export interface AssetTabsProps {
  readonly tabs: readonly AssetTab[];
  readonly tab: AssetTab;
  readonly columns: number;
  readonly choose: (tab: AssetTab) => void;
}

/** The parts of an asset; arrow keys lead from one to the next. */
export function AssetTabs({ tabs, tab, columns, choose }: AssetTabsProps): React.JSX.Element {
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length] ?? tab;
    choose(next);
    requestAnimationFrame(() => document.getElementById(`tab-${next}`)?.focus());
  };
  return (
    <div role="tablist" aria-label="Parts of the asset" className="tabs" onKeyDown={onKey}>
      {tabs.map((each) => (
        <button
          key={each}
          id={`tab-${each}`}
          type="button"
          role="tab"
          aria-selected={each === tab}
          aria-controls="tab-panel"
          tabIndex={each === tab ? 0 : -1}
          onClick={() => choose(each)}
        >
          {titles[each]}
          {each === 'columns' ? ` (${columns})` : ''}
        </button>
      ))}
    </div>
  );
}
