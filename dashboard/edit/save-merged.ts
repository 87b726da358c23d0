import { type Hub, HubClientError } from '@pursight/client';
import { recordOf } from '../ui/json.ts';
import { type AssetForm, type FormField, formOf, mergeForms, patchOf, sameForm } from './asset-form.ts';

/** What somebody edits, what it was made from, and the tag of that. */
export interface Edited {
  readonly base: AssetForm;
  readonly mine: AssetForm;
  readonly etag: string;
}

export interface Conflict {
  readonly field: FormField;
  readonly theirs: string;
}

export type SaveOutcome =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'saved'; readonly before: AssetForm; readonly after: AssetForm }
  | (Edited & { readonly kind: 'conflict'; readonly conflicts: readonly Conflict[] });

/** The asset as the hub has it. */
export interface AssetRequests {
  readonly read: () => Promise<{ readonly form: AssetForm; readonly etag: string }>;
  /** Sends what differs. @throws HubClientError precondition-failed if the asset is not what the tag stands for */
  readonly patch: (from: AssetForm, to: AssetForm, etag: string | undefined) => Promise<AssetForm>;
}

export function assetRequests(hub: Hub, urn: string): AssetRequests {
  const path = `/v1/assets/${encodeURIComponent(urn)}`;
  return {
    read: async () => {
      const { body, etag = '' } = await hub.get(path);
      return { form: formOf(body), etag };
    },
    patch: async (from, to, etag) => {
      const { body } = await hub.patch(path, patchOf(from, to), etag === undefined ? {} : { ifMatch: etag });
      return formOf(recordOf(body['asset']));
    },
  };
}

/** Changes of others that do not touch mine are passed over so often. */
const maxMerges = 5;

/** Saves what was changed on top of what others have changed meanwhile. @throws HubClientError, Error */
export async function saveMerged({ read, patch }: AssetRequests, edited: Edited): Promise<SaveOutcome> {
  let { base, mine, etag } = edited;
  for (let merge = 0; merge <= maxMerges; merge += 1) {
    if (sameForm(base, mine)) return { kind: 'unchanged' };
    try {
      return { kind: 'saved', before: base, after: await patch(base, mine, etag) };
    } catch (error) {
      if (!(error instanceof HubClientError) || error.code !== 'precondition-failed') throw error;
    }
    const theirs = await read();
    const { form, conflicts } = mergeForms(base, mine, theirs.form);
    [base, mine, etag] = [theirs.form, form, theirs.etag];
    if (conflicts.length > 0) {
      const shown = conflicts.map((field) => ({ field, theirs: String(theirs.form[field]) }));
      return { kind: 'conflict', base, mine, etag, conflicts: shown };
    }
  }
  throw new Error('others change this asset faster than it can be saved; try again');
}
