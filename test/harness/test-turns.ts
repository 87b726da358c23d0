import { ThreadTurns } from '../../server/turns/thread-turns.ts';

export const testStopwatch = { elapsedMs: () => performance.now() };

/** The real ones, by the machine's clock. */
export function testTurns(): ThreadTurns {
  return new ThreadTurns(testStopwatch);
}
