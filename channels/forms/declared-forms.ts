import { isJsonObject } from '../event/json.ts';
import { HubError } from '../protocol/hub-error.ts';
import { formOf } from './form-of.ts';
import { forms, type RecordKind } from './forms.ts';

/** Setting of the catalog: JSON with the newest form of each kind that any node has written. */
export const declaredFormsKey = 'forms';

const kinds = Object.keys(forms).filter(isKind);

function isKind(name: string): name is RecordKind {
  return Object.hasOwn(forms, name);
}

/** A kind that this release does not know it never reads. @throws HubError storage-damaged for what says nothing */
function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  const value = jsonOf(text);
  if (isJsonObject(value)) return value;
  throw new HubError(
    'storage-damaged',
    `the setting ${declaredFormsKey} of the catalog must be a JSON object with the newest form of each kind; restore it from a backup, or remove it if no newer release has ever run here`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What was declared of a kind, 0 if nothing was.
 * @throws NewerForm when a newer release has written something that this one does not read
 */
export function declaredForm(text: string | undefined, kind: RecordKind): number {
  const form = parsed(text)[kind];
  return form === undefined ? 0 : formOf(kind, form);
}

/**
 * To be asked before anything else is read or written: an older release must neither misread nor begin anything here.
 * @throws NewerForm when a newer release has written something that this one does not read
 */
export function assertDeclared(text: string | undefined): void {
  for (const kind of kinds) declaredForm(text, kind);
}

/** The setting with what this release writes; whatever else it says stays. @throws NewerForm */
export function withDeclared(text: string | undefined): string {
  const own = kinds.map((kind) => [kind, Math.max(declaredForm(text, kind), forms[kind].writes)] as const);
  return JSON.stringify({ ...parsed(text), ...Object.fromEntries(own) });
}
