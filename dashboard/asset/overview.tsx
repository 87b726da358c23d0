import { dayAndTime } from '../ui/times.ts';
import { ConceptLink } from '../concepts/concept-link.tsx';
import { conceptUrn } from '../concepts/concept-name.ts';
import { useNames } from './use-names.ts';
import type { AssetDetails } from './asset-document.ts';

export interface OverviewProps {
  readonly entity: { readonly domain: string | null };
  readonly details: AssetDetails;
  /** Takes back what people say of a field; undefined for who may not write it. */
  readonly uncover: ((field: string) => void) | undefined;
}

/** What is known of an asset, and by whom it is said where people and source differ. */
export function Overview({ entity, details, uncover }: OverviewProps): React.JSX.Element {
  return (
    <div className="overview">
      <section>
        <h2>Description</h2>
        <p className="prose">{details.description === '' ? 'None.' : details.description}</p>
        <SourceSays {...{ details, uncover }} field="description" />
      </section>
      <dl className="facts">
        <dt>Domain</dt>
        <dd>
          {entity.domain === null ? 'none' : <ConceptLink kind="domain" named={entity.domain} />}
          <SourceSays {...{ details, uncover }} field="domain" />
        </dd>
        <dt>Owners</dt>
        <dd>
          {details.owners.length === 0
            ? 'none'
            : details.owners.map(({ id, type, role }) => (
                <span key={`${id} ${role}`} className="owner">
                  {type === 'group' ? <ConceptLink kind="team" named={id} /> : <bdi>{id}</bdi>}{' '}
                  <span className="hint">{[type, role].filter(Boolean).join(', ')}</span>
                </span>
              ))}
        </dd>
        <dt>Terms</dt>
        <dd>
          <Terms terms={details.terms} />
        </dd>
        <dt>Classifications</dt>
        <dd>
          {details.tags.length === 0
            ? 'none on the asset itself'
            : details.tags.map(({ tag, state, origin }) => (
                <span key={`${tag} ${state} ${origin}`} className="owner">
                  <bdi>{tag}</bdi> <span className="hint">{[state, origin].join(', ')}</span>
                </span>
              ))}
        </dd>
        {details.properties.map(({ key, value }) => (
          <Property key={key} name={key} value={value} />
        ))}
        <dt>First seen</dt>
        <dd>{dayAndTime(details.createdAt)}</dd>
        {details.updatedAt === '' ? null : (
          <>
            <dt>Changed</dt>
            <dd>{dayAndTime(details.updatedAt)}</dd>
          </>
        )}
      </dl>
      <Quality results={details.quality} />
    </div>
  );
}

function Terms({ terms }: { readonly terms: readonly string[] }): React.JSX.Element {
  const names = useNames(terms.map((term) => conceptUrn('term', term)));
  if (terms.length === 0) return <>none</>;
  return (
    <>
      {terms.map((term) => (
        <span key={term} className="owner">
          <ConceptLink kind="term" named={term} name={names.get(conceptUrn('term', term))} />
        </span>
      ))}
    </>
  );
}

function Quality({ results }: { readonly results: AssetDetails['quality'] }): React.JSX.Element | null {
  if (results.length === 0) return null;
  return (
    <section>
      <h2>Quality</h2>
      <ul className="quality">
        {results.map(({ check, status, message, time }) => (
          <li key={check} data-status={status}>
            <strong>{status}</strong> <bdi>{check}</bdi> {message} <span className="hint">{dayAndTime(time)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Property({ name, value }: { readonly name: string; readonly value: string }): React.JSX.Element {
  return (
    <>
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </>
  );
}

interface SourceSaysProps extends Pick<OverviewProps, 'details' | 'uncover'> {
  readonly field: string;
}

function SourceSays({ details, uncover, field }: SourceSaysProps): React.JSX.Element | null {
  const curated = details.curated.get(field);
  if (curated === undefined) return null;
  return (
    <p className="hint">
      Said by {curated.by}, {dayAndTime(curated.at)}. The source says:{' '}
      <bdi>{curated.source === '' ? 'nothing' : curated.source}</bdi>
      {uncover === undefined ? null : (
        <button type="button" className="quiet" onClick={() => uncover(field)}>
          Take the word of the source
        </button>
      )}
    </p>
  );
}
