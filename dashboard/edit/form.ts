import { type Json, type JsonRecord, recordOf, recordsOf } from '../ui/json.ts';

/** What people say of something, as a form has it; empty where it says nothing. */
export interface Form {
  readonly texts: Readonly<Record<string, string>>;
  /** Ids, each once. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

function textIn({ texts }: Form, field: string): string {
  return texts[field] ?? '';
}

export function listIn({ lists }: Form, field: string): readonly string[] {
  return lists[field] ?? [];
}

function missing(from: readonly string[], than: readonly string[]): readonly string[] {
  return from.filter((each) => !than.includes(each));
}

/** The merge patch of the keyed form that leads from one form to another; only what differs is in it. */
export function patchOf(base: Form, mine: Form): JsonRecord {
  const patch: Record<string, Json> = {};
  for (const field of Object.keys(mine.texts))
    if (textIn(base, field) !== textIn(mine, field)) patch[field] = textIn(mine, field);
  for (const field of Object.keys(mine.lists)) {
    const added = missing(listIn(mine, field), listIn(base, field)).map((id) => [id, {}] as const);
    const removed = missing(listIn(base, field), listIn(mine, field)).map((id) => [id, null] as const);
    if (added.length + removed.length > 0) patch[field] = Object.fromEntries([...added, ...removed]);
  }
  return patch;
}

/**
 * The patch that leads back to a form, given the document of which it was read: an owner has the type and role of then. Of something
 * that has a layer of people over that of sources, what nobody had said then is not said any more, so that the source counts again.
 */
export function patchBack(
  from: Form,
  to: Form,
  { was, isLayered }: { was: JsonRecord; isLayered: boolean },
): JsonRecord {
  const said = recordOf(was['curated']);
  const patch: Record<string, Json> = { ...patchOf(from, to) };
  for (const field of Object.keys(to.texts))
    if (isLayered && patch[field] !== undefined && said[field] === undefined) patch[field] = null;
  const owners = Object.entries(recordOf(patch['owners'])).map(([id, value]): readonly [string, Json] => {
    const held = recordsOf(was['owners']).find((owner) => owner['id'] === id);
    const { id: _id, ...facts } = held ?? {};
    return [id, value === null ? null : facts];
  });
  return owners.length === 0 ? patch : { ...patch, owners: Object.fromEntries(owners) };
}

export interface Merged {
  readonly form: Form;
  /** Texts that both have changed, to different values. In `form` they are mine. */
  readonly conflicts: readonly string[];
}

/**
 * What I have made of the base, on top of what others have made of it meanwhile. Members of lists are changed each for
 * itself, so lists never conflict. What base and mine do not have is theirs.
 */
export function mergeForms(base: Form, mine: Form, theirs: Form): Merged {
  const conflicts: string[] = [];
  const texts: Record<string, string> = { ...theirs.texts };
  for (const [field, text] of Object.entries(mine.texts)) {
    const [was, now] = [textIn(base, field), textIn(theirs, field)];
    if (text === was) continue;
    texts[field] = text;
    if (now !== was && now !== text) conflicts.push(field);
  }
  const lists: Record<string, readonly string[]> = { ...theirs.lists };
  for (const [field, members] of Object.entries(mine.lists)) {
    const gone = new Set(missing(listIn(base, field), members));
    const kept = listIn(theirs, field).filter((id) => !gone.has(id));
    lists[field] = [...kept, ...missing(missing(members, listIn(base, field)), kept)];
  }
  return { form: { texts, lists }, conflicts };
}

export function sameForm(one: Form, other: Form): boolean {
  return Object.keys(patchOf(one, other)).length === 0;
}
