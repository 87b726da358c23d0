import { canonicalFilter, filterKey } from './canonical-filter.ts';
import { channelFilter } from './channel-name.ts';
import { compileFilter, type HeadPredicate } from './compile-filter.ts';
import type { Filter } from './filter.ts';
import { parseFilter } from './parse-filter.ts';

/** `events`: what happens. `view`: what is there, kept up to date; its updates carry whole documents. */
export type SelectionMode = 'events' | 'view';

/** Which events are asked for: a channel and a filter as one canonical condition. Equal keys mean equal selections. */
export interface Selection {
  readonly key: string;
  readonly mode: SelectionMode;
  readonly filter: Filter;
  readonly matches: HeadPredicate;
}

/** @throws HubError invalid-channel, invalid-filter, filter-too-large */
export function createSelection(channel: unknown, filter?: unknown, mode: SelectionMode = 'events'): Selection {
  const condition = canonicalFilter({
    op: 'and',
    args: [channelFilter(channel), filter === undefined ? { op: 'and', args: [] } : parseFilter(filter)],
  });
  const key = filterKey(condition);
  return {
    key: mode === 'view' ? `view|${key}` : key,
    mode,
    filter: condition,
    matches: compileFilter(condition),
  };
}
