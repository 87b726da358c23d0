import type { ChangeLine, FeedLine } from '../feed/feed-event.ts';
import { reachable } from './as-of.ts';

/** A moment to which one can look back. */
export interface Moment {
  /** Id of the event after which it is; `start` before the first that is known. */
  readonly key: string;
  /** What happened then. */
  readonly line: ChangeLine | undefined;
  /** What happened since, the newest first. */
  readonly newer: readonly ChangeLine[];
}

/** All that events tell of, the oldest first; the last one is now. */
export function momentsOf(lines: readonly FeedLine[]): readonly Moment[] {
  const stops = reachable(lines);
  const after = stops.map((line, at) => ({ key: line.key, line, newer: stops.slice(0, at) })).toReversed();
  // before it appeared there was nothing to look at
  if (stops.at(-1)?.kind === 'enter') return after;
  return [{ key: 'start', line: undefined, newer: stops }, ...after];
}

/** The place of what an address names; the last for `now`, -1 for what is not known. */
export function placeOf(moments: readonly Moment[], at: string): number {
  return at === 'now' ? moments.length - 1 : moments.findIndex(({ key }) => key === at);
}
