import { useView } from '@pursight/client/react';
import { Link } from '@tanstack/react-router';
import { textOf } from '../ui/json.ts';
import { useSignedIn } from '../session/signed-in.ts';
import { useNames } from '../asset/use-names.ts';

interface Edge {
  readonly other: string;
  readonly type: string;
  readonly via: string;
}

function edgesOf(urn: string, end: 'from' | 'to', items: ReturnType<typeof useEdges>['items']): readonly Edge[] {
  const otherEnd = end === 'from' ? 'to' : 'from';
  return items.flatMap(({ entity, document }) => {
    const other = textOf(document[otherEnd]);
    return textOf(document[end]) === urn && other !== '' ? [{ other, type: entity.type, via: entity.urn }] : [];
  });
}

function useEdges(urn: string) {
  const { hub } = useSignedIn();
  return useView(hub, `lineage:${urn}`);
}

/** What the asset comes from, and what comes from it; one step each way, live. */
export function LineageList({ urn }: { readonly urn: string }): React.JSX.Element {
  const { items, status } = useEdges(urn);
  const incoming = edgesOf(urn, 'to', items);
  const outgoing = edgesOf(urn, 'from', items);
  const names = useNames([...incoming, ...outgoing].map(({ other }) => other));
  if (status === 'loading') return <p aria-busy="true">Loading…</p>;
  return (
    <div className="lineage">
      <Side title="Comes from" edges={incoming} names={names} />
      <Side title="Leads to" edges={outgoing} names={names} />
    </div>
  );
}

interface SideProps {
  readonly title: string;
  readonly edges: readonly Edge[];
  readonly names: ReadonlyMap<string, string>;
}

function Side({ title, edges, names }: SideProps): React.JSX.Element {
  return (
    <section>
      <h2>
        {title} ({edges.length})
      </h2>
      {edges.length === 0 ? <p className="hint">Nothing that you may see.</p> : null}
      <ul>
        {edges.map(({ other, type, via }) => (
          <li key={via}>
            <Link to="/assets/$urn" params={{ urn: other }} search={{}}>
              <bdi>{names.get(other) ?? other}</bdi>
            </Link>{' '}
            <span className="hint">{type}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
