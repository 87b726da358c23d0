import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { IndexHit, IndexQuery } from '../../channels/ports/search-index.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import { inTurns } from '../turns/in-turns.ts';
import { type Judge, requirementsOf, type Shown } from './judge.ts';

/** Documents that are loaded at once: each may be large. */
const loadedAtOnce = 20;

/** What an index is asked for the search of a judge. */
export function queryOf({ request, policyClass }: Judge, limit: number): IndexQuery {
  const { words, selection, facets, sort } = request;
  const { tenant, readable: grants } = policyClass;
  const { filter } = selection;
  return { tenant, words, grants, filter, requirements: requirementsOf(policyClass), facets, sort, limit };
}

export interface JudgeHitsOptions {
  readonly store: DocumentStore;
  readonly turns: Turns;
  /** What is in the result already, and as new as the hit, is not loaded again. */
  readonly held?: (urn: string) => Shown | undefined;
}

/** Loads what an index proposed as it is now, and shows what is in the result, in no order. @throws HubError storage-unavailable */
export async function judgeHits(
  hits: readonly IndexHit[],
  judge: Judge,
  { store, turns, held }: JudgeHitsOptions,
): Promise<readonly Shown[]> {
  const { tenant } = judge.policyClass;
  const found: Shown[] = [];
  const others = hits.filter(({ urn, version }) => {
    const row = held?.(urn);
    if (row === undefined || row.version < version) return true;
    found.push(row);
    return false;
  });
  for (let from = 0; from < others.length; from += loadedAtOnce) {
    const keys = others.slice(from, from + loadedAtOnce).map(({ urn }) => ({ tenant, urn }));
    const documents = (await store.getMany(keys)).filter((each) => each !== undefined);
    await inTurns({ turns, tenant }, documents, (document) => {
      const shown = judge.judge(document, document.head);
      if (shown !== undefined) found.push(shown);
    });
  }
  return found;
}
