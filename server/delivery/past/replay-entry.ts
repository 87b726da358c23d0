import { documentKey } from '../../../channels/catalog/document.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { Transition } from '../../../channels/wire/wire-event.ts';

/** One event of the past as a room gets it. */
export interface ReplayEntry {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAtMs: number;
  /** `tenant|urn` */
  readonly entity: string;
  readonly version: number;
  readonly transition: Transition;
  /** JSON of the wire event. */
  readonly text: string;
}

/** An event of the past and where it stands. */
export interface PastEvent {
  readonly partition: number;
  readonly offset: number;
  readonly appendedAtMs: number;
  readonly event: HubEvent;
}

export function entityKeyOf(event: HubEvent): string {
  return documentKey(event.tenant, event.subject);
}

/**
 * In the order of time, as far as the partitions' clocks agree; within a partition in its own order. Versions that
 * are duplicated come once: the log may repeat, and its halves come from two places.
 */
export function inOrder(entries: readonly ReplayEntry[]): readonly ReplayEntry[] {
  const reached = new Map<number, number>();
  const versions = new Map<string, number>();
  const timed = entries
    .toSorted((one, other) => one.partition - other.partition || one.offset - other.offset)
    .flatMap((entry) => {
      if ((versions.get(entry.entity) ?? 0) >= entry.version) return [];
      versions.set(entry.entity, entry.version);
      const atMs = Math.max(reached.get(entry.partition) ?? 0, entry.appendedAtMs);
      reached.set(entry.partition, atMs);
      return [{ entry, atMs }];
    });
  return timed.toSorted((one, other) => one.atMs - other.atMs).map(({ entry }) => entry);
}

/**
 * What of the past may be shown today. Of an entity that the room's class may not read any more nothing is told but
 * that it has left: an event from before it was hidden must not bring it back. The `leave` is told also where the past
 * begins with its coming, because a client may have got more than its cursor says.
 */
export function withoutHidden(
  entries: readonly ReplayEntry[],
  isHidden: (entity: string) => boolean,
): readonly ReplayEntry[] {
  const hidden = new Set([...new Set(entries.map(({ entity }) => entity))].filter(isHidden));
  if (hidden.size === 0) return entries;
  const lastLeave = new Map<string, ReplayEntry>();
  for (const entry of entries) if (entry.transition === 'leave') lastLeave.set(entry.entity, entry);
  return entries.filter((entry) => !hidden.has(entry.entity) || entry === lastLeave.get(entry.entity));
}
