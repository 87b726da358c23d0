import { Link } from '@tanstack/react-router';
import type { ConceptKindName } from './concept-kind.ts';
import { conceptUrn } from './concept-name.ts';

export interface ConceptLinkProps {
  readonly kind: ConceptKindName;
  /** As an entity names it: an id or a urn. */
  readonly named: string;
  /** Shown instead, where it is known. */
  readonly name?: string | undefined;
}

/** Leads to a term, domain or team, whether somebody has defined it or not. */
export function ConceptLink({ kind, named, name = named }: ConceptLinkProps): React.JSX.Element {
  return (
    <Link to="/concepts/$kind/$urn" params={{ kind, urn: conceptUrn(kind, named) }}>
      <bdi>{name}</bdi>
    </Link>
  );
}
