import type { Session } from './session.ts';

/** Sessions notified in one turn; a node with many clients must keep delivering meanwhile. */
const sliceSessions = 200;

/**
 * Asks sessions to move. The times at which they reconnect are spread over the first half of what is left, in the
 * order of the list, so that the other nodes get them evenly and the last ones still have time.
 */
export async function sendGoaways(sessions: readonly Session[], deadlineMs: number): Promise<void> {
  const startedAt = performance.now();
  for (const [index, session] of sessions.entries()) {
    const leftMs = Math.max(0, Math.round(deadlineMs - (performance.now() - startedAt)));
    const reconnectInMs = Math.round((index / sessions.length) * (leftMs / 2));
    session.send('goaway', { deadlineMs: leftMs, reconnectInMs });
    if (index % sliceSessions === sliceSessions - 1) await new Promise((resolve) => setImmediate(resolve));
  }
}
