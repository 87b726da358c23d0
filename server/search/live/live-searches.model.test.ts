import { it } from 'vitest';
import { checkLiveSearches } from '../../../test/harness/live-search-model.ts';
import { testIndex } from '../../../test/harness/test-index.ts';

const runs = Number(process.env['PURSIGHT_SEARCH_RUNS'] ?? 200);

it('R16 L13 when changes stop, every live search has what a scan of all documents finds, in its order, and counts it', async () => {
  const create = async () => {
    const index = testIndex();
    return { index, dispose: () => index.close() };
  };
  await checkLiveSearches({ runs, create });
}, 600_000);
