import { createForm, type Form, type WantedForm } from '../wire/form.ts';
import { canonicalFilter, filterKey } from './canonical-filter.ts';
import { channelFilter } from './channel-name.ts';
import { compileFilter, type HeadPredicate } from './compile-filter.ts';
import type { Filter } from './filter.ts';
import { parseFilter } from './parse-filter.ts';

/** Which events are asked for, as one canonical condition of channel and filter, and how much of them. */
export interface Selection {
  /** Equal keys mean equal selections. */
  readonly key: string;
  /** Equal for all that match the same, in whatever form: it is matched once for them. */
  readonly conditionKey: string;
  readonly form: Form;
  readonly filter: Filter;
  readonly matches: HeadPredicate;
}

/** @throws HubError invalid-channel, invalid-filter, filter-too-large, invalid-request (of the form) */
export function createSelection(channel: unknown, filter?: unknown, wanted: WantedForm = {}): Selection {
  const form = createForm(wanted);
  const condition = canonicalFilter({
    op: 'and',
    args: [channelFilter(channel), filter === undefined ? { op: 'and', args: [] } : parseFilter(filter)],
  });
  const conditionKey = filterKey(condition);
  return {
    key: form.key === '' ? conditionKey : `${form.key}|${conditionKey}`,
    conditionKey,
    form,
    filter: condition,
    matches: compileFilter(condition),
  };
}
