import { HubError } from '../protocol/hub-error.ts';
import { forms, type RecordKind } from './forms.ts';

/**
 * A record of a version that this release does not know: a newer release writes here. Callers get
 * `storage-unavailable`, because another node can serve them; this one must stop, and neither guess nor skip.
 */
export class NewerForm extends HubError {
  constructor(kind: RecordKind, found: unknown) {
    const what = `a record of kind ${kind} has form ${JSON.stringify(found)}, and this release reads up to ${forms[kind].reads}`;
    super('storage-unavailable', 'this node cannot read what is stored; another one can, retry', {
      operatorMessage: `${what}: a newer release writes here; update this node, one release at a time`,
    });
  }
}

/** The form version of a record, at least 1. @throws NewerForm for one that this release does not read */
export function formOf(kind: RecordKind, v: unknown): number {
  if (v === undefined) return 1;
  if (typeof v === 'number' && Number.isInteger(v) && v >= 1 && v <= forms[kind].reads) return v;
  throw new NewerForm(kind, v);
}

/** The record as stored, with its form version. */
export function withForm<Kind extends RecordKind, T extends object>(kind: Kind, record: T): T & { readonly v: number } {
  return { v: forms[kind].writes, ...record };
}

/** A stored record without its storage metadata. @throws NewerForm */
export function withoutForm<T extends object>(
  kind: RecordKind,
  { v, ...record }: T & { readonly v?: unknown },
): Omit<T, 'v'> {
  formOf(kind, v);
  return record;
}
