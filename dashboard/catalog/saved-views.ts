import type { JsonRecord } from '../ui/json.ts';

const suggested = { $elemMatch: { state: 'suggested' } };

/** Questions that each catalog has, with the filter that answers them. */
export const savedViews = [
  { id: 'no-owner', name: 'No owner', filter: { owners: { $exists: false } } },
  { id: 'no-domain', name: 'No domain', filter: { domain: { $exists: false } } },
  { id: 'unclassified', name: 'Never classified', filter: { tags: { $exists: false } } },
  {
    id: 'suggested',
    name: 'Suggested classifications',
    filter: { $or: [{ classifications: suggested }, { columnClassifications: suggested }] },
  },
  { id: 'deprecated', name: 'Deprecated', filter: { status: 'deprecated' } },
] as const satisfies readonly { readonly id: string; readonly name: string; readonly filter: JsonRecord }[];

export type SavedViewId = (typeof savedViews)[number]['id'];
