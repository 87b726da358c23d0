import { randomUUID } from 'node:crypto';
import { describe, it } from 'vitest';
import { registerSearchIndexTests } from '../contract/search-index.ts';
import { MeilisearchIndex } from './meilisearch-index.ts';

const { PURSIGHT_TEST_MEILI_URL: url, PURSIGHT_TEST_MEILI_KEY: key = '' } = process.env;
const runs = Number(process.env['PURSIGHT_TEST_MEILI_RUNS'] ?? 20);

if (url === undefined)
  describe('Meilisearch', () => {
    it.skip('needs PURSIGHT_TEST_MEILI_URL and PURSIGHT_TEST_MEILI_KEY');
  });
else
  registerSearchIndexTests({
    name: 'Meilisearch',
    runs,
    isSlow: true,
    forgivesTyposInHiddenTexts: false,
    create: async () => {
      const deployment = `test-${randomUUID()}`;
      const index = new MeilisearchIndex({ url, key, deployment, clock: { now: () => Date.now() } });
      return {
        index,
        dispose: async () => {
          await index.clear();
          await index.close();
        },
      };
    },
  });
