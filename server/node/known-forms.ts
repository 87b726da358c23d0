import { declaredFormsKey, withDeclared } from '../../channels/forms/declared-forms.ts';
import type { MetaStore } from '../../channels/ports/meta-store.ts';

type Settings = Pick<MetaStore, 'putMetaIfAbsent' | 'replaceMeta'>;

/**
 * Declares what this node writes. Storage has been opened by then, which asks for what is declared before it does anything
 * else: tables and indexes of a newer release do not carry a version themselves.
 * @throws NewerForm when a newer release has written something that this one does not read
 */
export async function declareForms(store: Settings): Promise<void> {
  for (;;) {
    const text = await store.putMetaIfAbsent(declaredFormsKey, withDeclared(undefined));
    const raised = withDeclared(text);
    if (raised === text || (await store.replaceMeta(declaredFormsKey, text, raised))) return;
  }
}
