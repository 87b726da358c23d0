import { type ConceptKindName, conceptKindOf } from './concept-kind.ts';

/** What the address says of the list of concepts. */
export interface ConceptsSearch {
  /** Absent: terms. */
  readonly kind?: ConceptKindName;
  /** Words of the names. */
  readonly q?: string;
  /** One is to be defined, with this id or none. */
  readonly define?: string;
}

const maxCharacters = 500;

/** The part of an address that makes sense; anybody may have written it. */
export function parseConceptsSearch({ kind, q, define }: Record<string, unknown>): ConceptsSearch {
  const known = conceptKindOf(kind);
  return {
    ...(known === undefined || known.name === 'term' ? {} : { kind: known.name }),
    ...(typeof q === 'string' && q !== '' ? { q: q.slice(0, maxCharacters) } : {}),
    ...(typeof define === 'string' && define.length <= maxCharacters ? { define } : {}),
  };
}
