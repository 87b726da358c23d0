import type { WireItem } from '@pursight/client';
import { useView } from '@pursight/client/react';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { Editor } from '../edit/editor.tsx';
import { writable } from '../edit/form-field.ts';
import { useMe } from '../session/use-me.ts';
import { useSignedIn } from '../session/signed-in.ts';
import { BelongingAssets } from './belonging-assets.tsx';
import { ConceptFacts } from './concept-facts.tsx';
import { type ConceptKind, conceptKindOf } from './concept-kind.ts';
import { conceptName } from './concept-name.ts';
import { conceptForm, conceptResource } from './concept-resource.ts';
import { DeleteConcept } from './delete-concept.tsx';

/** One term, domain or team, live, and the assets that belong to it. */
export function ConceptScreen(): React.JSX.Element {
  const { kind: name, urn } = useParams({ from: '/concepts/$kind/$urn' });
  const kind = conceptKindOf(name);
  if (kind === undefined)
    return (
      <section className="empty">
        <h1>There is no such kind</h1>
        <Link to="/concepts" search={{}}>
          To the terms
        </Link>
      </section>
    );
  return <Concept key={`${name} ${urn}`} kind={kind} urn={urn} />;
}

interface ConceptProps {
  readonly kind: ConceptKind;
  readonly urn: string;
}

function Concept({ kind, urn }: ConceptProps): React.JSX.Element {
  const { hub } = useSignedIn();
  const { items, status, error } = useView(hub, kind.plural, { filter: { urn } });
  const item = items[0];
  return (
    <article className="concept" aria-busy={status === 'loading'}>
      {item === undefined ? (
        <Undefined {...{ kind, urn }} why={status === 'loading' ? 'Loading…' : error?.message} />
      ) : (
        <Defined {...{ kind, item }} isStale={status === 'stale'} />
      )}
      <BelongingAssets kind={kind} named={conceptName(kind.name, urn)} />
    </article>
  );
}

/** What assets name need not be defined. */
function Undefined({ kind, urn, why }: ConceptProps & { readonly why: string | undefined }): React.JSX.Element {
  const { write } = useMe();
  const named = conceptName(kind.name, urn);
  return (
    <header>
      <h1>
        <bdi>{named}</bdi>
      </h1>
      <p className="hint">{why ?? `Nobody has defined this ${kind.name}, or you may not see it.`}</p>
      {why === undefined && named !== urn && write.has('existence') ? (
        <Link to="/concepts" search={{ kind: kind.name, define: named }}>
          Define it
        </Link>
      ) : null}
    </header>
  );
}

interface DefinedProps {
  readonly kind: ConceptKind;
  readonly item: WireItem;
  readonly isStale: boolean;
}

function Defined({ kind, item, isStale }: DefinedProps): React.JSX.Element {
  const { entity, document } = item;
  const { urn, name, type, domain, status } = entity;
  const { write } = useMe();
  const [isDeleting, setDeleting] = useState(false);
  const resource = useMemo(() => conceptResource(kind, urn), [kind, urn]);
  const whole = { ...document, name, type, domain, status };
  const remove = (
    <button type="button" onClick={() => setDeleting(true)}>
      Delete…
    </button>
  );
  return (
    <>
      <header>
        <h1>
          <bdi>{name}</bdi>
        </h1>
        <p className="asset-line">
          {type === kind.name ? kind.name : `${type} (${kind.name})`} · {status}
          {isStale ? ' · catching up' : ''}
        </p>
      </header>
      <Editor
        resource={resource}
        fields={writable(kind.fields, write)}
        live={conceptForm(kind, whole)}
        actions={write.has('existence') ? remove : null}
      >
        {() => <ConceptFacts kind={kind} concept={whole} />}
      </Editor>
      {isDeleting ? <DeleteConcept {...{ kind, urn, name }} close={() => setDeleting(false)} /> : null}
    </>
  );
}
