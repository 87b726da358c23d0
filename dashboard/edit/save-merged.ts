import { HubClientError } from '@pursight/client';
import type { JsonRecord } from '../ui/json.ts';
import { type Form, mergeForms, patchBack, patchOf, sameForm } from './form.ts';
import type { Held, ResourceRequests } from './resource.ts';

/** What somebody edits, what it was made from, and the tag of that. */
export interface Edited extends Omit<Held, 'form'> {
  readonly base: Form;
  readonly mine: Form;
}

export interface Conflict {
  readonly field: string;
  readonly theirs: string;
}

/** A change that was saved, and the document before it. The forms have at least what was changed. */
export interface Saved {
  readonly before: Form;
  readonly after: Form;
  readonly document: JsonRecord;
}

type Collided = Edited & { readonly kind: 'conflict'; readonly conflicts: readonly Conflict[] };
type Done = Saved & { readonly kind: 'saved' };

export type SaveOutcome = { readonly kind: 'unchanged' } | Done | Collided;

/** Changes of others that do not touch mine are passed over so often. */
const maxMerges = 5;

/** The answer; undefined if somebody else was faster. */
async function unlessChanged<Answer>(sent: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof HubClientError && error.code === 'precondition-failed') return undefined;
    throw error;
  }
}

function tooFast(): Error {
  return new Error('others change this faster than it can be saved; try again');
}

function collided(theirs: Held, mine: Form, fields: readonly string[]): Collided {
  const conflicts = fields.map((field) => ({ field, theirs: theirs.form.texts[field] ?? '' }));
  return { ...theirs, kind: 'conflict', base: theirs.form, mine, conflicts };
}

/** Saves what was changed on top of what others have changed meanwhile. @throws HubClientError, Error */
export async function saveMerged({ read, patch }: ResourceRequests, edited: Edited): Promise<SaveOutcome> {
  let { base, mine, etag, document } = edited;
  for (let merge = 0; merge <= maxMerges; merge += 1) {
    if (sameForm(base, mine)) return { kind: 'unchanged' };
    const after = await unlessChanged(patch(patchOf(base, mine), etag));
    if (after !== undefined) return { kind: 'saved', before: base, after, document };
    const theirs = await read();
    const { form, conflicts } = mergeForms(base, mine, theirs.form);
    if (conflicts.length > 0) return collided(theirs, form, conflicts);
    [base, mine, etag, document] = [theirs.form, form, theirs.etag, theirs.document];
  }
  throw tooFast();
}

/** Takes a saved change back, and nothing of what others have changed since. @throws HubClientError, Error */
export async function takeBack(requests: ResourceRequests, { before, after, document }: Saved): Promise<SaveOutcome> {
  const { read, patch, isLayered } = requests;
  for (let merge = 0; merge <= maxMerges; merge += 1) {
    const theirs = await read();
    const { form, conflicts } = mergeForms(after, before, theirs.form);
    if (conflicts.length > 0) return collided(theirs, form, conflicts);
    if (sameForm(theirs.form, form)) return { kind: 'unchanged' };
    const back = patchBack(theirs.form, form, { was: document, isLayered });
    const now = await unlessChanged(patch(back, theirs.etag));
    if (now !== undefined) return { kind: 'saved', before: theirs.form, after: now, document: theirs.document };
  }
  throw tooFast();
}
