import type { DocumentKind } from '../event/head.ts';
import { forms } from './forms.ts';

/** Forms of entities of the first kinds: the newest forms differ from these only in the kinds that they know. */
const ofFirstKinds = { event: 2, document: 3 } as const;
const laterKinds: ReadonlySet<DocumentKind> = new Set<DocumentKind>(['term', 'domain', 'team']);

/**
 * The form in which an entity of this kind is written: the oldest that has the kind. So nodes of the release before go on
 * until they meet an entity of a kind that they do not know, and then say so instead of misreading it.
 */
export function writtenForm(record: 'event' | 'document', kind: DocumentKind): number {
  return laterKinds.has(kind) ? forms[record].writes : ofFirstKinds[record];
}
