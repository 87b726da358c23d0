/**
 * Terms, domains and teams: what people define to describe assets by. They are one shape with few fields of their own, so
 * schema, reducer, diff, head, wire and REST hold them once and read here what each kind has.
 */
import { type ConceptKind, conceptKinds, type DocumentKind } from '../event/head.ts';
import { applyList } from './apply-list.ts';
import type { Change, ConceptPatch } from './change.ts';
import type { Content } from './content.ts';
import type { CatalogDocument, ConceptDocument } from './document.ts';

type TextField = 'description' | 'parent' | 'glossary' | 'domain' | 'contact';
type ListField = 'synonyms' | 'relatedTerms' | 'experts' | 'members';

interface ConceptFields {
  readonly texts: readonly TextField[];
  readonly lists: readonly ListField[];
  /** The first is that of a new one. */
  readonly states: readonly Exclude<ConceptDocument['status'], 'deleted'>[];
}

/** What documents of each kind have beside a name, a type and owners. */
export const conceptFields: Readonly<Record<ConceptKind, ConceptFields>> = {
  term: {
    texts: ['description', 'parent', 'glossary', 'domain'],
    lists: ['synonyms', 'relatedTerms'],
    states: ['draft', 'approved', 'deprecated'],
  },
  domain: { texts: ['description', 'parent'], lists: ['experts'], states: ['active', 'deprecated'] },
  team: { texts: ['description', 'parent', 'contact'], lists: ['members'], states: ['active', 'deprecated'] },
};

export function isConceptKind(kind: DocumentKind): kind is ConceptKind {
  return conceptKinds.some((each) => each === kind);
}

export function isConcept(document: CatalogDocument): document is ConceptDocument {
  return isConceptKind(document.kind);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const itself = (item: string): string => item;

/** The content after a source or person has spoken of it. */
export function reduceConcept(
  held: ConceptDocument | undefined,
  patch: ConceptPatch,
  { target, nativeId }: Pick<Change, 'nativeId'> & { readonly target: ConceptKind },
): Content<ConceptDocument> {
  const { texts, lists, states } = conceptFields[target];
  const content: Writable<Content<ConceptDocument>> = {
    kind: target,
    type: patch.type ?? held?.type ?? target,
    name: patch.name ?? held?.name ?? nativeId,
    owners:
      patch.owners === undefined
        ? (held?.owners ?? [])
        : applyList(held?.owners ?? [], patch.owners, (owner) => (typeof owner === 'string' ? owner : owner.id)),
    status: patch.status ?? held?.status ?? states[0] ?? 'active',
  };
  for (const field of texts) {
    const said = patch[field];
    const text = said === undefined ? held?.[field] : (said ?? undefined);
    if (text !== undefined) content[field] = text;
  }
  for (const field of lists) {
    const [change, before = []] = [patch[field], held?.[field]];
    content[field] = change === undefined ? before : applyList(before, change, itself);
  }
  return content;
}
