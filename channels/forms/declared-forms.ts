import { isJsonObject } from '../event/json.ts';
import { NewerForm } from './form-of.ts';
import { forms, type RecordKind } from './forms.ts';

/** Setting of the catalog: JSON with the newest form of each kind that any node has written. */
export const declaredFormsKey = 'forms';

const kinds = Object.keys(forms).filter(isKind);

function isKind(name: string): name is RecordKind {
  return Object.hasOwn(forms, name);
}

/** A kind that this release does not know it never reads. */
function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  const value: unknown = text === undefined ? undefined : JSON.parse(text);
  return isJsonObject(value) ? value : {};
}

/**
 * What was declared of a kind, 0 if nothing was.
 * @throws NewerForm when a newer release has written something that this one does not read
 */
export function declaredForm(text: string | undefined, kind: RecordKind): number {
  const form = parsed(text)[kind];
  if (typeof form !== 'number') return 0;
  if (form > forms[kind].reads) throw new NewerForm(kind, form);
  return form;
}

/** The setting with what this release writes; whatever else it says stays. @throws NewerForm */
export function withDeclared(text: string | undefined): string {
  const own = kinds.map((kind) => [kind, Math.max(declaredForm(text, kind), forms[kind].writes)] as const);
  return JSON.stringify({ ...parsed(text), ...Object.fromEntries(own) });
}
