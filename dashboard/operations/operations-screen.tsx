import { useMe } from '../session/use-me.ts';
import { ConnectorsPanel } from './connectors-panel.tsx';
import { DeadLettersPanel } from './dead-letters-panel.tsx';
import { LogPanel } from './log-panel.tsx';
import { SearchIndexPanel } from './search-index-panel.tsx';
import { SessionsPanel } from './sessions-panel.tsx';

/** What an operator looks at when something is wrong, and what can be done about it. */
export function OperationsScreen(): React.JSX.Element {
  const { administers, operates, isKnown } = useMe();
  if (isKnown && !administers && !operates)
    return (
      <section className="empty">
        <h1>Operations</h1>
        <p>Your role may neither administer nor operate. Ask for one that may, or choose it at the top right.</p>
      </section>
    );
  return (
    <div className="operations">
      <h1>Operations</h1>
      <ConnectorsPanel />
      <DeadLettersPanel />
      <SessionsPanel />
      <LogPanel />
      <SearchIndexPanel />
    </div>
  );
}
