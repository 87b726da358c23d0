import { randomUUID } from 'node:crypto';
import { it } from 'vitest';
import { MeilisearchIndex } from '../../../adapters/meilisearch/meilisearch-index.ts';
import { checkLiveSearches } from '../../../test/harness/live-search-model.ts';

const { PURSIGHT_TEST_MEILI_URL: url, PURSIGHT_TEST_MEILI_KEY: key = '' } = process.env;
const runs = Number(process.env['PURSIGHT_TEST_MEILI_RUNS'] ?? 20);

it.skipIf(url === undefined)(
  'R16 L13 the same on Meilisearch: when changes stop, every live search has what a scan of all documents finds',
  async () => {
    const create = async () => {
      const deployment = `test-${randomUUID()}`;
      const index = new MeilisearchIndex({ url: url ?? '', key, deployment, clock: { now: () => Date.now() } });
      const dispose = async (): Promise<void> => {
        await index.clear();
        await index.close();
      };
      return { index, dispose };
    };
    await checkLiveSearches({ runs, create, withholdsCounts: true });
  },
  1_200_000,
);
