import { setTimeout as pause } from 'node:timers/promises';
import type { Subscriber } from './subscriber.ts';

/** Well below the limit at which a slow connection is closed: live frames of its other rooms come on top. */
const highWaterBytes = 256 * 1024;
/** Looked at again after this, then less and less often: thousands may be waiting at once. */
const [firstLookMs, maxLookMs] = [5, 160];
/** A client that takes nothing for that long is closed like any other that does not read. */
const patienceMs = 30_000;

/** Resolves when more may be sent: the client has taken most of what was sent to it. Closes one that does not. */
export async function untilDrained({
  connection,
  isCurrent,
  pending,
}: Pick<Subscriber, 'connection' | 'isCurrent' | 'pending'>): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  let sinceMs = performance.now();
  let lookMs = firstLookMs;
  while (isCurrent()) {
    const bytes = connection.bufferedBytes();
    if (bytes < highWaterBytes && pending() === undefined) return;
    if (bytes < least) [least, sinceMs] = [bytes, performance.now()];
    if (performance.now() - sinceMs > patienceMs) return connection.terminate();
    await (pending() ?? pause(lookMs));
    lookMs = Math.min(maxLookMs, 2 * lookMs);
  }
}
