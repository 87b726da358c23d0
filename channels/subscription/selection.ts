import { canonicalFilter, filterKey } from './canonical-filter.ts';
import { channelFilter } from './channel-name.ts';
import { compileFilter, type HeadPredicate } from './compile-filter.ts';
import type { Filter } from './filter.ts';
import { parseFilter } from './parse-filter.ts';

/** Which events are asked for: a channel and a filter as one canonical condition. Equal keys mean equal selections. */
export interface Selection {
  readonly key: string;
  readonly filter: Filter;
  readonly matches: HeadPredicate;
}

/** @throws HubError invalid-channel, invalid-filter, filter-too-large */
export function createSelection(channel: unknown, filter?: unknown): Selection {
  const condition = canonicalFilter({
    op: 'and',
    args: [channelFilter(channel), filter === undefined ? { op: 'and', args: [] } : parseFilter(filter)],
  });
  return { key: filterKey(condition), filter: condition, matches: compileFilter(condition) };
}
