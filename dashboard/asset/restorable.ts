import type { AnyChange } from '../feed/feed-event.ts';
import type { Saved } from '../edit/save-merged.ts';
import { assetFields } from '../edit/asset-resource.ts';
import { isRecord, type Json, recordOf, textOf } from '../ui/json.ts';

type Changes = readonly (readonly [string, AnyChange])[];

const texts = new Set<string>(assetFields.flatMap(({ field, as }) => (as === 'list' ? [] : [field])));
const lists = new Set<string>(assetFields.flatMap(({ field, as }) => (as === 'list' ? [field] : [])));

/** An owner has an id, a term is one. */
function idOf(value: Json | undefined): string {
  return isRecord(value) ? textOf(value['id']) : textOf(value);
}

/** What people have said of in an event: `description`, `owners ada`. */
function saidIn(changes: Changes): ReadonlySet<string> {
  const said = changes.flatMap(([pointer, { old, new: now }]) => {
    const [, layer, field = ''] = pointer.split('/');
    if (layer !== 'curated') return [];
    const { key } = recordOf(now ?? old);
    return [typeof key === 'string' ? `${field} ${key}` : field];
  });
  return new Set(said);
}

function backOf([pointer, { old, new: now }]: Changes[number], said: ReadonlySet<string>): Saved | undefined {
  const [, field = '', key] = pointer.split('/');
  // too large to be told, or hidden
  if (old === undefined && now === undefined) return undefined;
  if (texts.has(field) && said.has(field)) {
    const form = (value: Json | undefined): Saved['after'] => ({ texts: { [field]: textOf(value) }, lists: {} });
    // said again as it was, whoever had said it
    const document = old === undefined ? {} : { curated: { [field]: {} } };
    return { before: form(old), after: form(now), document };
  }
  if (!lists.has(field) || key === undefined || !said.has(`${field} ${idOf(now ?? old)}`)) return undefined;
  const form = (value: Json | undefined): Saved['after'] => ({
    texts: {},
    lists: { [field]: value === undefined ? [] : [idOf(value)] },
  });
  return { before: form(old), after: form(now), document: { [field]: old === undefined ? [] : [old] } };
}

/** Of the changes of an event those by people that can be taken back, by pointer: what leads back, as an edit takes it. */
export function restorable(changes: Changes): ReadonlyMap<string, Saved> {
  const said = saidIn(changes);
  return new Map(
    changes.flatMap((change) => {
      const back = backOf(change, said);
      return back === undefined ? [] : [[change[0], back] as const];
    }),
  );
}
