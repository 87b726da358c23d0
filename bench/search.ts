/**
 * How fast is the embedded search engine, how much memory does a document take, and how fast is it built? In this process,
 * on the engine alone. See bench/README.md.
 */
import { parseArgs } from 'node:util';
import { EmbeddedSearchIndex } from '../adapters/embedded/search/embedded-search-index.ts';
import type { IndexQuery } from '../channels/ports/search-index.ts';
import { indexRowOf } from '../channels/search/index-row.ts';
import { parseSearchWords } from '../channels/search/search-words.ts';
import { everything, type Filter } from '../channels/subscription/filter.ts';
import { ThreadTurns } from '../server/turns/thread-turns.ts';
import { benchTenant } from './load/bench-events.ts';
import { benchAsset, benchWord } from './load/search-assets.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    assets: { type: 'string', default: '50000' },
    searches: { type: 'string', default: '2000' },
  },
});
const assets = Number(values.assets);
const searches = Number(values.searches);

function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Builds the index in batches of the size that the feed uses, and measures it, in CPU seconds. */
async function build(
  index: EmbeddedSearchIndex,
): Promise<{ readonly kbPerDocument: number; readonly perSecond: number }> {
  const before = heapBytes();
  let tookMicros = 0;
  for (let from = 0; from < assets; from += 8) {
    // made outside of what is measured
    const rows = Array.from({ length: Math.min(8, assets - from) }, (_, at) => {
      const asset = benchAsset(from + at);
      return indexRowOf(asset, asset.head).row;
    });
    const started = process.cpuUsage();
    await index.apply({ rows, removed: [] });
    const { user, system } = process.cpuUsage(started);
    tookMicros += user + system;
  }
  return {
    kbPerDocument: Number(((heapBytes() - before) / assets / 1024).toFixed(2)),
    perSecond: Math.round((assets * 1e6) / tookMicros),
  };
}

/** A letter in the middle becomes another one, and two at the end change places. */
function withTypos(word: string, typos: number): string {
  if (typos === 0) return word;
  const middle = word.length >> 1;
  const wrong = `${word.slice(0, middle)}q${word.slice(middle + 1)}`;
  return typos === 1 ? wrong : `${wrong.slice(0, -2)}${wrong.at(-1)}${wrong.at(-2)}`;
}

const ofPlatform: Filter = { op: 'eq', field: 'platform', value: 'platform-1' };
/** What a class with two grants may read. */
const grants: Filter = {
  op: 'or',
  args: [
    { op: 'eq', field: 'kind', value: 'asset' },
    { op: 'eq', field: 'status', value: 'active' },
  ],
};

function query(q: string, others: Partial<IndexQuery> = {}): IndexQuery {
  const words = parseSearchWords(q, 'all');
  const plain = { filter: everything, requirements: [0], facets: [], sort: [], limit: 20 } as const;
  return { ...plain, tenant: benchTenant, words, grants, ...others };
}

/** Of an asset that is there: one word, two words, and the beginning of a name with a filter and facets, in turns. */
function queryOf(number: number, typos: number): IndexQuery {
  const asset = (number * 7919) % assets;
  const [one, other] = [benchWord(asset, 0), benchWord(asset, 1)];
  switch (number % 3) {
    case 0:
      return query(`${withTypos(one, typos)} `);
    case 1:
      return query(`${withTypos(one, typos)} ${withTypos(other, typos)} `);
    default:
      return query(withTypos(one, typos), { filter: ofPlatform, facets: ['type', 'domain', 'tags'] });
  }
}

async function measure(
  index: EmbeddedSearchIndex,
  typos: number,
): Promise<{ readonly p50Ms: number; readonly p99Ms: number; readonly found: number }> {
  const tookMs: number[] = [];
  let found = 0;
  for (let number = 0; number < searches; number++) {
    const asked = queryOf(number, typos);
    const startedMs = performance.now();
    const { total } = await index.search(asked);
    tookMs.push(performance.now() - startedMs);
    if (total.value > 0) found += 1;
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number): number => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2));
  return { p50Ms: at(0.5), p99Ms: at(0.99), found };
}

const clock = { elapsedMs: () => performance.now() };
const index = new EmbeddedSearchIndex({ turns: new ThreadTurns(clock), clock });
const { kbPerDocument, perSecond } = await build(index);
await measure(index, 0);
const [exact, oneTypo, twoTypos] = [await measure(index, 0), await measure(index, 1), await measure(index, 2)];
if (exact.found === 0 || twoTypos.found === 0) throw new Error('the searches must find something');
const embedded = { p99Ms: exact.p99Ms, kbPerDocument, buildPerSecond: perSecond, exact, oneTypo, twoTypos };
if (globalThis.gc === undefined) console.error('run it with --expose-gc: memory is only an upper bound without');
if (values.json) console.log(JSON.stringify({ bench: 'search', params: { assets, searches }, embedded }));
else console.table(embedded);
