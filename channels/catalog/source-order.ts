/**
 * Which of two messages about an entity says how it is now.
 *
 * The naive way compares when things happened at the source. But sources tell that in their own ways: Atlas says when a
 * request began, and a long one is sent after a short one that began later; and a clock that runs ahead and is set right
 * makes everything look old for a while. So what is trusted goes from the surest to the least sure: the order of one
 * partition, then when it was sent, then when it happened.
 */
import type { Change } from './change.ts';
import { type CatalogDocument, isGone, type SourceReference } from './document.ts';

/** A spooled message was held up on its way, so its place in the partition says nothing. */
function placeOf({ origin }: Change): string | undefined {
  const { topic, partition, spooled } = origin;
  return topic === undefined || partition === undefined || spooled === true ? undefined : `${topic}/${partition}`;
}

/** By the source's clock. Once that was ahead of the hub's, what lies between then and now was said after it was set right. */
function isBefore(time: string, newest: string, { heardAt }: SourceReference, recordedAt: string): boolean {
  return time < newest && (heardAt === undefined || time < heardAt || time > recordedAt);
}

function isSentBefore(change: Change, mark: SourceReference, recordedAt: string): boolean {
  const hasSent = change.sent !== undefined && mark.sent !== undefined;
  return hasSent
    ? isBefore(change.sent as string, mark.sent as string, mark, recordedAt)
    : isBefore(change.time, mark.time, mark, recordedAt);
}

/**
 * True for a state that is older than what the same connector already said: it must not overwrite it. What only says
 * what changed has no such order, except that nothing older than a deletion brings an entity back.
 */
export function isLate(held: CatalogDocument | undefined, change: Change, recordedAt: string): boolean {
  const mark = held?.sources.find(({ connector }) => connector === change.connector);
  if (held === undefined || mark === undefined) return false;
  if (change.action === 'upsert' && isGone(held) && isBefore(change.time, mark.time, mark, recordedAt)) return true;
  if (change.completeness === 'delta') return false;
  const place = placeOf(change);
  return (place === undefined || place !== mark.place) && isSentBefore(change, mark, recordedAt);
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

type Times = Pick<SourceReference, 'time' | 'sent' | 'place' | 'heardAt'>;

/** Only what is there: the mark is stored with every document. */
function times(time: string, sent: string | undefined, place: string | undefined, heardAt: string | undefined): Times {
  return {
    time,
    ...(sent === undefined ? {} : { sent }),
    ...(place === undefined ? {} : { place }),
    ...(heardAt === undefined ? {} : { heardAt }),
  };
}

function timesAfter(before: SourceReference | undefined, change: Change, recordedAt: string): Times {
  const { time, sent } = change;
  const isAhead = time > recordedAt || (sent !== undefined && sent > recordedAt);
  const heardAt = isAhead ? recordedAt : undefined;
  // a clock that was set right: the times that it told before say nothing any more
  const held = before?.heardAt === undefined || isAhead ? before : undefined;
  const place = placeOf(change);
  if (change.completeness === 'delta')
    return times(later(held?.time, time) ?? time, later(held?.sent, sent), place ?? before?.place, heardAt);
  return times(sent === undefined ? time : (later(held?.time, time) ?? time), sent, place, heardAt);
}

/** The connector's mark on the entity after a change of it was taken in. */
export function markAfter(before: SourceReference | undefined, change: Change, recordedAt: string): SourceReference {
  const nativeType = change.nativeType ?? before?.nativeType;
  return {
    connector: change.connector,
    nativeId: change.nativeId,
    ...(nativeType === undefined ? {} : { nativeType }),
    ...timesAfter(before, change, recordedAt),
  };
}

/** True when a mark has gone on, so that it is worth storing though nothing else has changed. */
export function hasMoved(before: SourceReference, after: SourceReference): boolean {
  return before.time !== after.time || before.sent !== after.sent || before.place !== after.place;
}
