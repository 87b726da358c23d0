import type { Check } from '../../channels/ports/check.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { messageOf } from '../../channels/base/thrown.ts';
import { MeiliApi } from './meili-api.ts';
import { MeilisearchIndex, type MeilisearchIndexOptions } from './meilisearch-index.ts';

/** Tested; settings and answers of others may differ. */
const [testedMajor, testedMinor] = [1, 50];

function problemOf(thrown: unknown): string {
  return thrown instanceof HubError ? (thrown.operatorMessage ?? thrown.message) : messageOf(thrown);
}

function versionCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const found = `reachable, version ${version}`;
  if (major === testedMajor && minor >= testedMinor) return { name: 'meilisearch', state: 'ok', found };
  return {
    ...{ name: 'meilisearch', state: 'warn', found },
    fix: `use Meilisearch ${testedMajor}.${testedMinor} or a newer ${testedMajor}.x; others are not tested`,
  };
}

async function indexCheck(index: MeilisearchIndex): Promise<Check> {
  const name = 'search index';
  if ((await index.position()) !== undefined)
    return {
      name,
      state: 'ok',
      found: `${await index.count()} documents, build ${(await index.build()) ?? 'unknown'}`,
    };
  return {
    ...{ name, state: 'warn', found: 'not built yet: searches are answered with not-ready' },
    fix: 'start a node with the component search, and see `pursight search status`',
  };
}

/** Looks at Meilisearch. Changes nothing and never throws. */
export async function* diagnoseMeili(options: MeilisearchIndexOptions): AsyncGenerator<Check> {
  const [api, index] = [new MeiliApi(options), new MeilisearchIndex(options)];
  try {
    yield versionCheck(await api.version());
    yield await indexCheck(index);
  } catch (error) {
    const fix = 'correct PURSIGHT_MEILI_URL and PURSIGHT_MEILI_KEY, and see that Meilisearch listens there';
    yield { name: 'meilisearch', state: 'fail', found: `cannot use it: ${problemOf(error)}`, fix };
  } finally {
    api.close();
    await index.close();
  }
}
