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
  return change.sent !== undefined && mark.sent !== undefined
    ? isBefore(change.sent, mark.sent, mark, recordedAt)
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

type Mark = { -readonly [K in keyof SourceReference]: SourceReference[K] };

/** Sets one by one what there is: a mark is made for every change. */
function putTimes(mark: Mark, before: SourceReference | undefined, change: Change, recordedAt: string): void {
  const { time, sent } = change;
  const isAhead = time > recordedAt || (sent !== undefined && sent > recordedAt);
  // a clock that was set right: the times that it told before say nothing any more
  const held = before?.heardAt === undefined || isAhead ? before : undefined;
  const isDelta = change.completeness === 'delta';
  const newestSent = isDelta ? later(held?.sent, sent) : sent;
  const place = placeOf(change) ?? (isDelta ? before?.place : undefined);
  mark.time = isDelta || sent !== undefined ? (later(held?.time, time) ?? time) : time;
  if (newestSent !== undefined) mark.sent = newestSent;
  if (place !== undefined) mark.place = place;
  if (isAhead) mark.heardAt = recordedAt;
}

/** The connector's mark on the entity after a change of it was ingested. */
export function markAfter(before: SourceReference | undefined, change: Change, recordedAt: string): SourceReference {
  const mark: Mark = { connector: change.connector, nativeId: change.nativeId, time: change.time };
  const nativeType = change.nativeType ?? before?.nativeType;
  if (nativeType !== undefined) mark.nativeType = nativeType;
  putTimes(mark, before, change, recordedAt);
  return mark;
}

/** True when a mark has advanced, so that it is worth storing though nothing else has changed. */
export function hasMoved(before: SourceReference, after: SourceReference): boolean {
  return before.time !== after.time || before.sent !== after.sent || before.place !== after.place;
}
