import { type Json, isRecord, textOf } from '../ui/json.ts';
import type { AnyChange } from './feed-event.ts';

type Change = readonly [string, AnyChange];

const lists = new Set(['owners', 'terms', 'properties', 'classifications']);

/** The same for an element and for what people say of it. */
function elementOf(value: Json): string {
  if (!isRecord(value)) return textOf(value);
  const { scheme, name, key, id } = value;
  return scheme === undefined ? textOf(key) || textOf(id) : `${textOf(scheme)}/${textOf(name)}`;
}

function subjectOf([pointer, { old, new: now }]: Change): string {
  const parts = pointer.split('/').filter((part) => part !== 'curated');
  const isElement = lists.has(parts.at(-2) ?? '');
  return isElement ? [...parts.slice(0, -1), elementOf(now ?? old ?? null)].join('/') : parts.join('/');
}

function isOfPeople(pointer: string): boolean {
  return pointer.split('/').includes('curated');
}

/** Without what people say of a value that itself has changed, as they have said it: once is enough. */
export function worthTelling(changes: readonly Change[]): readonly Change[] {
  const told = new Set(changes.filter(([pointer]) => !isOfPeople(pointer)).map(subjectOf));
  return changes.filter((change) => !isOfPeople(change[0]) || !told.has(subjectOf(change)));
}
