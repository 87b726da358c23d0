import { sameJson } from '../../channels/event/json.ts';
import type { SearchChange, SearchHit } from '../../channels/protocol/search.ts';
import { listChanges } from '../../channels/search/list-changes.ts';

type Hits = readonly SearchHit[];

/** The hits after the changes of a delta; undefined if one of them does not fit what is held. */
export function changed(hits: Hits, changes: readonly SearchChange[]): Hits | undefined {
  const list = [...hits];
  for (const change of changes) if (!take(list, change)) return undefined;
  return list;
}

function take(list: SearchHit[], change: SearchChange): boolean {
  const at = placeOf(list, urnOf(change));
  if ((at === -1) !== (change.kind === 'enter')) return false;
  const held = list[at];
  if (change.kind === 'update') list[at] = change.hit;
  else if (at !== -1) list.splice(at, 1);
  if (change.kind === 'update' || change.kind === 'leave') return true;
  const hit = change.kind === 'enter' ? change.hit : held;
  const before = change.after === null ? -1 : placeOf(list, change.after);
  if (hit === undefined || (before === -1 && change.after !== null)) return false;
  list.splice(before + 1, 0, hit);
  return true;
}

function placeOf(list: Hits, urn: string): number {
  return list.findIndex(({ entity }) => entity.urn === urn);
}

function urnOf(change: SearchChange): string {
  return 'hit' in change ? change.hit.entity.urn : change.urn;
}

/** The hits of a result, of which those that say what was known before are the same objects. */
export function keptHits(before: Hits, hits: Hits): Hits {
  const known = new Map(before.map((hit) => [hit.entity.urn, hit]));
  return hits.map((hit) => {
    const held = known.get(hit.entity.urn);
    return held !== undefined && sameJson(held, hit) ? held : hit;
  });
}

/** The changes from one list to another; a hit that is the same object in both has not changed. */
export function differences(before: Hits, after: Hits): readonly SearchChange[] {
  const known = new Set(before);
  const keyed = (hit: SearchHit): { urn: string; text: string; hit: SearchHit } => ({
    urn: hit.entity.urn,
    text: known.has(hit) ? 'known' : 'new',
    hit,
  });
  return listChanges(before.map(keyed), after.map(keyed)).map((change): SearchChange => {
    const { urn, hit } = change.item;
    switch (change.kind) {
      case 'leave':
        return { kind: 'leave', urn };
      case 'enter':
        return { kind: 'enter', after: change.after?.urn ?? null, hit };
      case 'move':
        return { kind: 'move', urn, after: change.after?.urn ?? null };
      case 'update':
        return { kind: 'update', hit };
    }
  });
}
