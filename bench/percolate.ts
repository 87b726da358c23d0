/**
 * What does it cost to find the standing searches that a change can concern, as their number grows? In this process. See
 * bench/README.md.
 */
import { parseArgs } from 'node:util';
import { readableBits } from '../channels/search/attributes.ts';
import { changedWords, wordsOf } from '../channels/search/document-words.ts';
import { Matcher } from '../channels/search/match.ts';
import { SearchAnchors } from '../channels/search/search-anchors.ts';
import { parseSearchWords, type SearchWords } from '../channels/search/search-words.ts';
import { textsOf } from '../channels/search/document-texts.ts';
import { benchAsset, benchWord, rareWord } from './load/search-assets.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, events: { type: 'string', default: '5000' } },
});
const sizes = [10, 200, 10_000];
const count = Number(values.events);

/** Searches for words that the documents have; all others are for words that are like them, and rare. */
const common = 10;

/** Half are one word, half are two; a third of them is still being typed. */
function searchOf(number: number): SearchWords {
  const word = (place: number): string => (number < common ? benchWord(number * 31, place) : rareWord(number, place));
  const words = [word(0), ...(number % 2 === 0 ? [] : [word(1)])];
  return parseSearchWords(words.join(' ') + (number % 3 === 0 ? '' : ' '), 'all');
}

interface Change {
  readonly changed: ReadonlySet<string>;
  readonly has: (word: string) => boolean;
}

/** A document of which some ten words change. */
function changeOf(number: number): Change & { readonly images: readonly ReturnType<typeof wordsOf>[] } {
  const asset = benchAsset(number);
  const after = { ...asset, description: `${asset.description?.split(' ').slice(5).join(' ')} ${words(number)}` };
  const images = [asset, after].map((each) => wordsOf(textsOf(each, asset.head).texts));
  const [before, now] = images;
  const has = (word: string): boolean => before?.words.has(word) === true || now?.words.has(word) === true;
  return { changed: changedWords(before, now), has, images };
}

function words(number: number): string {
  return Array.from({ length: 5 }, (_, at) => benchWord(number + 1_000_000, at)).join(' ');
}

const changes = Array.from({ length: count }, (_, number) => changeOf(number));
const wordsPerEvent = changes.reduce((sum, { changed }) => sum + changed.size, 0) / count;

/** Fails where a search that matches in another way after a change was not found. */
function assertRecall(anchors: SearchAnchors<number>, searches: readonly SearchWords[]): void {
  const matchers = searches.map((search) => new Matcher(search, readableBits([0])));
  for (const { changed, has, images } of changes.slice(0, 50)) {
    const found = anchors.affected(changed, has);
    for (const [index, matcher] of matchers.entries()) {
      const [before, after] = images.map((image) => JSON.stringify(matcher.match(image)));
      if (before !== after && !found.has(index)) throw new Error(`search ${index} was missed`);
    }
  }
}

function measure(size: number): {
  readonly searches: number;
  readonly microsecondsPerEvent: number;
  readonly found: number;
} {
  const searches = Array.from({ length: size }, (_, number) => searchOf(number));
  const anchors = new SearchAnchors<number>();
  for (const [index, search] of searches.entries()) anchors.add(search, index);
  assertRecall(anchors, searches.slice(0, 200));
  for (const { changed, has } of changes.slice(0, 1000)) anchors.affected(changed, has);
  let found = 0;
  const before = process.cpuUsage();
  for (const { changed, has } of changes) found += anchors.affected(changed, has).size;
  const { user, system } = process.cpuUsage(before);
  return { searches: size, microsecondsPerEvent: Number(((user + system) / count).toFixed(2)), found };
}

measure(200);
const runs = sizes.map(measure);
const cost = (size: number): number => runs.find(({ searches }) => searches === size)?.microsecondsPerEvent ?? 0;
const result = {
  bench: 'percolate',
  params: { events: count, sizes, wordsPerEvent: Number(wordsPerEvent.toFixed(1)) },
  hub: { runs, microsecondsAt200: cost(200) },
  ratio: { largestToSmallest: Number((cost(10_000) / cost(200)).toFixed(2)) },
};
if (values.json) console.log(JSON.stringify(result));
else console.table(runs);
