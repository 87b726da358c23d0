import { canonicalJson } from '../../../channels/event/json.ts';
import type { WireEvent, WireItem } from '../../../channels/protocol/down.ts';
import type { WireHead } from '../../../channels/protocol/entity.ts';

/**
 * Everything of an event that can be known beforehand, as one text: without the id, and without the times at which the
 * hub accepted this change and the first of the entity.
 */
export function contentOf(event: WireEvent): string {
  const { id: _id, recordedtime: _recordedtime, ...rest } = event;
  if (rest.kind !== 'enter') return canonicalJson(rest);
  const { entity, document, ...others } = rest;
  return canonicalJson(others) + shownContent({ entity, document });
}

/** What an `enter` shows, as the text with which its content ends. */
export function shownContent({ entity, document }: { readonly entity: WireHead } & Pick<WireItem, 'document'>): string {
  const { createdAt: _createdAt, updatedAt: _updatedAt, ...timeless } = document;
  return canonicalJson({ entity, document: timeless } as never);
}

/** What is wrong with the hub's own times in an event, whose document may be of a later one; undefined: nothing. */
export function timeFault(event: WireEvent, mayBeNewer: boolean): string | undefined {
  if (Number.isNaN(Date.parse(event.recordedtime))) return `recordedtime is ${event.recordedtime}`;
  if (event.kind !== 'enter') return undefined;
  const { createdAt, updatedAt } = event.document;
  const isOfLater = mayBeNewer && typeof updatedAt === 'string' && updatedAt > event.recordedtime;
  if (updatedAt !== event.recordedtime && !isOfLater)
    return `updatedAt ${JSON.stringify(updatedAt)} is not ${event.recordedtime}`;
  return typeof createdAt === 'string' && createdAt <= event.recordedtime
    ? undefined
    : `createdAt ${JSON.stringify(createdAt)} is not before ${event.recordedtime}`;
}
