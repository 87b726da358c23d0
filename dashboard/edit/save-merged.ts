import { type Hub, HubClientError } from '@pursight/client';
import { type JsonRecord, recordOf } from '../ui/json.ts';
import { type AssetForm, type FormField, formOf, mergeForms, patchBack, patchOf, sameForm } from './asset-form.ts';

/** What somebody edits, what it was made from, and the tag of that. */
export interface Edited {
  readonly base: AssetForm;
  readonly mine: AssetForm;
  readonly etag: string;
  /** The asset of which the base was read. */
  readonly asset: JsonRecord;
}

export interface Conflict {
  readonly field: FormField;
  readonly theirs: string;
}

/** A change that was saved, and the asset before it. */
export interface Saved {
  readonly before: AssetForm;
  readonly after: AssetForm;
  readonly asset: JsonRecord;
}

export type SaveOutcome =
  | { readonly kind: 'unchanged' }
  | (Saved & { readonly kind: 'saved' })
  | (Edited & { readonly kind: 'conflict'; readonly conflicts: readonly Conflict[] });

/** The asset as the hub has it. */
export interface AssetRequests {
  readonly read: () => Promise<{ readonly form: AssetForm; readonly etag: string; readonly asset: JsonRecord }>;
  /** @throws HubClientError precondition-failed if the asset is not what the tag stands for */
  readonly patch: (patch: JsonRecord, etag: string) => Promise<AssetForm>;
}

export function assetPath(urn: string): string {
  return `/v1/assets/${encodeURIComponent(urn)}`;
}

export function assetRequests(hub: Hub, urn: string): AssetRequests {
  const path = assetPath(urn);
  return {
    read: async () => {
      const { body, etag = '' } = await hub.get(path);
      return { form: formOf(body), etag, asset: body };
    },
    patch: async (patch, etag) => {
      const { body } = await hub.patch(path, patch, { ifMatch: etag });
      return formOf(recordOf(body['asset']));
    },
  };
}

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
  return new Error('others change this asset faster than it can be saved; try again');
}

/** Saves what was changed on top of what others have changed meanwhile. @throws HubClientError, Error */
export async function saveMerged({ read, patch }: AssetRequests, edited: Edited): Promise<SaveOutcome> {
  let { base, mine, etag, asset } = edited;
  for (let merge = 0; merge <= maxMerges; merge += 1) {
    if (sameForm(base, mine)) return { kind: 'unchanged' };
    const after = await unlessChanged(patch(patchOf(base, mine), etag));
    if (after !== undefined) return { kind: 'saved', before: base, after, asset };
    const theirs = await read();
    const { form, conflicts } = mergeForms(base, mine, theirs.form);
    [base, mine, etag, asset] = [theirs.form, form, theirs.etag, theirs.asset];
    if (conflicts.length > 0) {
      const shown = conflicts.map((field) => ({ field, theirs: String(theirs.form[field]) }));
      return { kind: 'conflict', base, mine, etag, asset, conflicts: shown };
    }
  }
  throw tooFast();
}

/** Takes a saved change back, and nothing of what others have changed since. @throws HubClientError, Error */
export async function takeBack({ read, patch }: AssetRequests, { before, after, asset }: Saved): Promise<void> {
  for (let merge = 0; merge <= maxMerges; merge += 1) {
    const theirs = await read();
    const { form, conflicts } = mergeForms(after, before, theirs.form);
    if (conflicts.length > 0) throw new Error(`somebody else has changed ${conflicts.join(', ')} since`);
    if ((await unlessChanged(patch(patchBack(theirs.form, form, asset), theirs.etag))) !== undefined) return;
  }
  throw tooFast();
}
