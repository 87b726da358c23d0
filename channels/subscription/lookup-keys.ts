/*
 * A journal finds events by texts: the tenant alone, for those who want all of its events, and the tenant with each
 * selective term of one of the two heads.
 */
import type { HubEvent } from '../event/hub-event.ts';
import { isSelective, type Term, termsOf, termText } from './term.ts';

function termKey(tenant: string, term: Term): string {
  return `${tenant}|${termText(term)}`;
}

/** The texts under which an event is found, each once; the first stands for its tenant. */
export function lookupKeysOf({ tenant, data }: HubEvent): readonly string[] {
  const heads = [data.heads.before, data.heads.after].filter((head) => head !== null);
  const terms = heads.flatMap(termsOf).filter(isSelective);
  return [...new Set([tenant, ...terms.map((term) => termKey(tenant, term))])];
}

/** The texts of which every event that is asked for has at least one. @throws TypeError for a term that is not kept */
export function lookupKeysFor(tenant: string, terms: readonly Term[] | undefined): readonly string[] {
  if (terms === undefined) return [tenant];
  const unkept = terms.find((term) => !isSelective(term));
  if (unkept !== undefined) throw new TypeError(`${termText(unkept)} is not selective: events are not indexed by it`);
  return [...new Set(terms.map((term) => termKey(tenant, term)))];
}
