import type { EventLog } from '../../../channels/ports/event-log.ts';
import type { SearchIndex } from '../../../channels/ports/search-index.ts';

/** Events in the log that an index does not have; null where that cannot be said. */
export async function behindLog(
  index: Pick<SearchIndex, 'position'>,
  log: Pick<EventLog, 'epoch' | 'ends'>,
): Promise<number | null> {
  // the index first: it never seems to be ahead of the log then
  const [position, ends] = [await index.position(), await log.ends()];
  if (position === undefined || position.epoch !== log.epoch) return null;
  return ends.reduce((sum, end, partition) => sum + Math.max(0, end - (position.vector[partition] ?? 0)), 0);
}
