import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { Change } from '../../channels/catalog/change.ts';
import { type CatalogDocument, definitionUrn, documentKey } from '../../channels/catalog/document.ts';

interface Key {
  readonly tenant: string;
  readonly urn: string;
}

/** Scheme hierarchies are shallow; a cycle in someone's definitions must not keep us here. */
const maxDefinitionDepth = 8;

function classificationsOf(change: Change): readonly Key[] {
  if (change.target !== 'asset' || change.action !== 'upsert') return [];
  const { classifications, columns } = change.patch;
  const columnItems = columns?.mode === 'state' ? columns.list : (columns?.add ?? []);
  const lists = [classifications, ...columnItems.map((column) => column.classifications)];
  return lists
    .flatMap((list) => (list?.mode === 'state' ? list.list : []))
    .map((item) => ({ tenant: change.tenant, urn: definitionUrn(item.scheme, item.name) }));
}

/** What a relationship or alert is about: its own head says what is known of these. */
function refsOf(change: Change): readonly Key[] {
  if (change.action !== 'upsert') return [];
  const { tenant } = change;
  if (change.target === 'relationship') return [change.patch.from, change.patch.to].map((urn) => ({ tenant, urn }));
  const subject = change.target === 'alert' ? change.patch.subject : undefined;
  return subject === undefined ? [] : [{ tenant, urn: subject }];
}

/** The same where a change leaves out what the stored document says. */
function storedRefsOf(document: CatalogDocument): readonly Key[] {
  const { tenant, kind } = document;
  return kind === 'alert' || kind === 'relationship' ? document.head.refs.map((urn) => ({ tenant, urn })) : [];
}

function parentsOf(document: CatalogDocument): readonly Key[] {
  if (document.kind !== 'definition') return [];
  return document.parents.map((parent) => ({ tenant: document.tenant, urn: definitionUrn(document.scheme, parent) }));
}

/**
 * Every document that applying the changes can need: the entities, those that they are about, and the definitions of
 * their classifications upwards.
 */
export async function loadDocuments(
  changes: readonly Change[],
  store: DocumentStore,
): Promise<ReadonlyMap<string, CatalogDocument>> {
  const loaded = new Map<string, CatalogDocument>();
  const asked = new Set<string>();
  let wanted: readonly Key[] = changes.flatMap((change) => [
    { tenant: change.tenant, urn: change.urn },
    ...classificationsOf(change),
    ...refsOf(change),
  ]);
  for (let depth = 0; depth < maxDefinitionDepth && wanted.length > 0; depth++) {
    const fresh = new Map(
      wanted.map((key): [string, Key] => [documentKey(key.tenant, key.urn), key]).filter(([key]) => !asked.has(key)),
    );
    for (const key of fresh.keys()) asked.add(key);
    const found = fresh.size === 0 ? [] : await store.getMany([...fresh.values()]);
    const documents = found.filter((document) => document !== undefined);
    for (const document of documents) loaded.set(documentKey(document.tenant, document.urn), document);
    wanted = documents.flatMap((document) => [...parentsOf(document), ...(depth === 0 ? storedRefsOf(document) : [])]);
  }
  return loaded;
}
