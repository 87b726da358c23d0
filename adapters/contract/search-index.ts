import { afterEach, beforeEach, describe } from 'vitest';
import type { SearchIndex } from '../../channels/ports/search-index.ts';
import { registerSearchApplyTests } from './search-index-apply.ts';
import { registerSearchModelTests } from './search-index-model.ts';
import { registerSearchQueryTests } from './search-index-query.ts';
import type { OpenedSearchIndex } from './search-samples.ts';

export interface SearchIndexSuite {
  readonly name: string;
  /** An empty index. */
  readonly create: () => Promise<OpenedSearchIndex>;
  /** Runs of the comparison with a scan of all documents. @default 100 */
  readonly runs?: number;
}

/** What every search engine must do. */
export function registerSearchIndexTests({ name, create, runs = 100 }: SearchIndexSuite): void {
  const group = (title: string, register: (index: () => SearchIndex) => void): void => {
    describe(`search index: ${name}: ${title}`, { timeout: 60_000 }, () => {
      let opened: OpenedSearchIndex;
      beforeEach(async () => {
        opened = await create();
      });
      afterEach(() => opened.dispose());
      register(() => opened.index);
    });
  };
  group('apply', registerSearchApplyTests);
  group('query', registerSearchQueryTests);
  describe(`search index: ${name}: model`, { timeout: 120_000 }, () => {
    registerSearchModelTests(create, runs);
  });
}
