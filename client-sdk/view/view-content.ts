import { sameJson } from '../../channels/event/json.ts';
import type { AnyWireEvent, AnyWireItem, LeaveEvent } from '../../channels/protocol/down.ts';

/** What is to become of entities, by urn; null: it goes. */
export type Changes = Map<string, AnyWireItem | null>;

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

/** The changed content, in order; the same array if nothing is another than before. */
export function change(items: readonly AnyWireItem[], changes: Changes): readonly AnyWireItem[] {
  return become(items, [...items.filter(({ entity }) => !changes.has(entity.urn)), ...changes.values()]);
}

/** The content of a snapshot, in order; the same array if it says what was known before. */
export function replace(items: readonly AnyWireItem[], snapshot: Changes): readonly AnyWireItem[] {
  return become(items, [...snapshot.values()]);
}

/** An item that is equal to what was known keeps its identity. */
function become(before: readonly AnyWireItem[], after: readonly (AnyWireItem | null)[]): readonly AnyWireItem[] {
  const result = after
    .filter((item) => item !== null)
    .map((item) => {
      const known = find(before, item.entity.urn);
      return known !== undefined && sameJson(known, item) ? known : item;
    });
  // mostly two runs that are in order: sorting them is a merge
  result.sort((one, other) => (one.entity.urn < other.entity.urn ? -1 : 1));
  const isSame = before.length === result.length && before.every((item, index) => item === result[index]);
  return isSame ? before : result;
}

/** The item of an entity, by halving. */
export function find(items: readonly AnyWireItem[], urn: string): AnyWireItem | undefined {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && item.entity.urn < urn) low = middle + 1;
    else high = middle;
  }
  return items[low]?.entity.urn === urn ? items[low] : undefined;
}
