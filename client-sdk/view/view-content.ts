import { sameJson } from '../../channels/event/json.ts';
import type { AnyWireEvent, AnyWireItem, LeaveEvent } from '../../channels/protocol/down.ts';

/** What is to become of entities, by urn; null: it goes. */
export type Changes = Map<string, AnyWireItem | null>;

/** The items by ascending urn, and the urns of those that came, changed and went. */
export interface ContentChange {
  readonly items: readonly AnyWireItem[];
  readonly entered: readonly string[];
  readonly updated: readonly string[];
  readonly left: readonly string[];
}

/** The item that an event brings; undefined if it does not say what the entity has become. */
function itemOf(
  { subject, entity, document }: Exclude<AnyWireEvent, LeaveEvent>,
  hasDocuments: boolean,
): AnyWireItem | undefined {
  if (entity === undefined || (hasDocuments && document === undefined)) return undefined;
  const named = { urn: subject, ...entity };
  return hasDocuments && document !== undefined ? { entity: named, document } : { entity: named };
}

/** What events mean for a view. False if one of them says that an entity has changed, but not to what. */
export function collect(events: readonly AnyWireEvent[], changes: Changes, hasDocuments: boolean): boolean {
  let isComplete = true;
  for (const event of events) {
    const item = event.kind === 'leave' ? null : itemOf(event, hasDocuments);
    if (item === undefined) isComplete = false;
    else changes.set(event.subject, item);
  }
  return isComplete;
}

/**
 * The content with some entities changed; the same array if nothing is another than before. A message costs a copy of the
 * list and what it changes: nothing else is compared or sorted.
 */
export function change(items: readonly AnyWireItem[], changes: Changes): ContentChange {
  const named = [...changes].sort(([one], [other]) => (one < other ? -1 : 1));
  const [entered, updated, left]: [string[], string[], string[]] = [[], [], []];
  const stretches: (readonly AnyWireItem[])[] = [];
  let [copied, run]: [number, AnyWireItem[]] = [0, []];
  for (const [urn, item] of named) {
    const at = placeOf(items, urn);
    const known = items[at]?.entity.urn === urn ? items[at] : undefined;
    if (known === undefined ? item === null : item !== null && sameJson(known, item)) continue;
    if (known === undefined) entered.push(urn);
    else if (item === null) left.push(urn);
    else updated.push(urn);
    if (at > copied || stretches.length === 0) stretches.push(items.slice(copied, at), (run = []));
    if (item !== null) run.push(item);
    copied = known === undefined ? at : at + 1;
  }
  if (stretches.length === 0) return { items, entered, updated, left };
  // by reference and in one go: `flat` takes ten times as long
  return { items: items.slice(0, 0).concat(...stretches, items.slice(copied)), entered, updated, left };
}

/** The content of a snapshot; the same array if it says what was known before. An item that is equal to what was known keeps its identity. */
export function replace(items: readonly AnyWireItem[], snapshot: Changes): ContentChange {
  const gone = items.filter(({ entity }) => (snapshot.get(entity.urn) ?? null) === null);
  const changes: Changes = new Map(snapshot);
  for (const { entity } of gone) changes.set(entity.urn, null);
  return change(items, changes);
}

/** Where an entity is or would be, by halving. */
function placeOf(items: readonly AnyWireItem[], urn: string): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && item.entity.urn < urn) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The item of an entity. */
export function find(items: readonly AnyWireItem[], urn: string): AnyWireItem | undefined {
  const item = items[placeOf(items, urn)];
  return item?.entity.urn === urn ? item : undefined;
}
