import { afterEach, beforeEach, describe } from 'vitest';
import type { SearchIndex } from '../../channels/ports/search-index.ts';
import { registerSearchApplyTests } from './search-index-apply.ts';
import { registerSearchBuildTests } from './search-index-build.ts';
import { JudgedIndex } from './search-index-judge.ts';
import { registerSearchModelTests } from './search-index-model.ts';
import { registerSearchQueryTests } from './search-index-query.ts';
import type { OpenedSearchIndex } from './search-samples.ts';

export interface SearchIndexSuite {
  readonly name: string;
  /** An empty index. */
  readonly create: () => Promise<OpenedSearchIndex>;
  /** Runs of the comparison with a scan of all documents. @default 100 */
  readonly runs?: number;
  /** A run takes a second: the first that fails is not made smaller. @default false */
  readonly isSlow?: boolean;
  /** Typos are forgiven in texts that only some may read, too. @default true */
  readonly forgivesTyposInHiddenTexts?: boolean;
}

/** What every search engine must do. */
export function registerSearchIndexTests(suite: SearchIndexSuite): void {
  const { name, runs = 100, isSlow = false, forgivesTyposInHiddenTexts = true } = suite;
  // an engine that only proposes is tested with what the hub does with its proposals
  const create = async (): Promise<OpenedSearchIndex> => {
    const opened = await suite.create();
    return opened.index.engine.isRanked ? opened : { ...opened, index: new JudgedIndex(opened.index) };
  };
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
  group('query', (index) => registerSearchQueryTests(index, forgivesTyposInHiddenTexts));
  group('build', registerSearchBuildTests);
  describe(`search index: ${name}: model`, { timeout: isSlow ? 600_000 : 120_000 }, () => {
    registerSearchModelTests(create, { runs, isSlow });
  });
}
