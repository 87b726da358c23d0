import type { SearchQuery } from '../../channels/protocol/search.ts';
import { benchAsset } from './search-assets.ts';

/** In how many descriptions each word is. */
function frequencies(assets: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let number = 0; number < assets; number++)
    for (const word of new Set((benchAsset(number).description ?? '').split(' ')))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Half are one word, a third are two, the others one and a filter. Half of the words are rare, so that all that have them are on the screen. */
export function queryMaker(assets: number): (number: number) => SearchQuery {
  const counts = frequencies(assets);
  return (number) => {
    const asset = (number * 97) % assets;
    const words = (benchAsset(asset).description ?? '')
      .split(' ')
      .toSorted((one, other) => (counts.get(one) ?? 0) - (counts.get(other) ?? 0));
    const word = (place: number): string => words.at(number % 2 === 0 ? 2 + place : place - words.length) ?? '';
    const kind = number % 10;
    if (kind < 5) return { q: `${word(0)} ` };
    if (kind < 8) return { q: `${word(0)} ${word(1)} ` };
    return { q: `${word(0)} `, filter: { platform: `platform-${number % 5}` } };
  };
}
