import { EmbeddedSearchIndex } from '../../adapters/embedded/search/embedded-search-index.ts';
import { testStopwatch, testTurns } from './test-turns.ts';

/** An index in memory, alone on its thread. */
export function testIndex(): EmbeddedSearchIndex {
  return new EmbeddedSearchIndex({ turns: testTurns(), clock: testStopwatch });
}
