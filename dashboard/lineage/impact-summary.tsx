import type { Impact, ImpactGroup } from '@pursight/client';
import { useEffect, useState } from 'react';
import { messageOf } from '../session/session.ts';
import { useSignedIn } from '../session/signed-in.ts';
import { counted } from '../ui/counted.ts';

const maxGroups = 12;

/** What depends on an asset in numbers, counted when somebody asks. */
export function ImpactSummary({ urn }: { readonly urn: string }): React.JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="impact" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Impact: whom a change concerns</summary>
      {isOpen ? <Counted urn={urn} /> : null}
    </details>
  );
}

function Counted({ urn }: { readonly urn: string }): React.JSX.Element {
  const { hub } = useSignedIn();
  const [impact, setImpact] = useState<Impact>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const stop = new AbortController();
    hub.get<Impact>(`/v1/assets/${encodeURIComponent(urn)}/impact`, { signal: stop.signal }).then(
      ({ body }) => setImpact(body),
      (error: unknown) => stop.signal.aborted || setProblem(messageOf(error)),
    );
    return () => stop.abort();
  }, [hub, urn]);
  if (impact === undefined) return problem === '' ? <p aria-busy="true">Counting…</p> : <p role="alert">{problem}</p>;
  return (
    <>
      <p>
        {counted(impact.total, 'entity', 'entities')} downstream, as of now.
        {impact.cut === undefined ? '' : ' There are more than could be counted.'}
      </p>
      <dl className="facts">
        <Groups title="Owners to tell" groups={impact.owners} none="nobody" />
        <Groups title="Domains" groups={impact.domains} none="without a domain" />
        <Groups title="Types" groups={impact.types} none="" />
      </dl>
    </>
  );
}

interface GroupsProps {
  readonly title: string;
  readonly groups: readonly ImpactGroup[];
  /** What the absence of a value is called. */
  readonly none: string;
}

function Groups({ title, groups, none }: GroupsProps): React.JSX.Element | null {
  if (groups.length === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {groups.slice(0, maxGroups).map(({ value, count }) => (
          <span key={value ?? ''} className="owner">
            <bdi>{value ?? none}</bdi> <span className="count">{count.toLocaleString()}</span>
          </span>
        ))}
        {groups.length > maxGroups ? <span className="hint">and {groups.length - maxGroups} more</span> : null}
      </dd>
    </>
  );
}
