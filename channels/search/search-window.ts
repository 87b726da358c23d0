import { maxSearchHits, type SearchEngine } from '../ports/search-index.ts';

const timesLimit = 4;
const leastWindow = 100;

/**
 * So many hits are asked for where the first `limit` are wanted: an engine that does not rank exactly as the hub has the best
 * ones among its first, and the hub ranks them.
 */
export function searchWindow({ isRanked }: Pick<SearchEngine, 'isRanked'>, limit: number): number {
  return isRanked ? limit : Math.min(maxSearchHits, Math.max(leastWindow, limit * timesLimit));
}
