import { NewerForm } from '../../channels/forms/form-of.ts';
import { forms, type RecordKind } from '../../channels/forms/forms.ts';
import { isJsonObject } from '../../channels/event/json.ts';
import type { MetaStore } from '../../channels/ports/meta-store.ts';

type Settings = Pick<MetaStore, 'putMetaIfAbsent' | 'replaceMeta'>;

const metaKey = 'forms';
const kinds = Object.keys(forms).filter(isKind);

function isKind(name: string): name is RecordKind {
  return Object.hasOwn(forms, name);
}

/** The newest form of each kind that any node has written. A kind that this release does not know it never reads. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  return isJsonObject(value) ? value : {};
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/**
 * Reads the form versions that nodes have written here, and declares those of this node. Runs before anything else is
 * read: tables and indexes of a newer release do not carry a version themselves.
 * @throws NewerForm when a newer release has written something that this one does not read
 */
export async function declareForms(store: Settings): Promise<void> {
  const own = Object.fromEntries(kinds.map((kind) => [kind, forms[kind].writes]));
  for (;;) {
    const text = await store.putMetaIfAbsent(metaKey, JSON.stringify(own));
    const found = parsed(text);
    for (const [kind, form] of Object.entries(found)) {
      const known = kinds.find((each) => each === kind);
      if (known !== undefined && numberOf(form) > forms[known].reads) throw new NewerForm(known, form);
    }
    const next = { ...found };
    for (const kind of kinds) next[kind] = Math.max(numberOf(found[kind]), forms[kind].writes);
    const raised = JSON.stringify(next);
    if (raised === text || (await store.replaceMeta(metaKey, text, raised))) return;
  }
}
