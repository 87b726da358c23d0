import { ThreadTurns } from '../../server/turns/thread-turns.ts';

/** The real ones, by the machine's clock. */
export function testTurns(): ThreadTurns {
  return new ThreadTurns({ elapsedMs: () => performance.now() });
}
