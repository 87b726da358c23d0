import type { CatalogDocument } from '../../channels/catalog/document.ts';
import type { CatalogCollections } from './catalog-collections.ts';
import { fromStoredDocument } from './stored-document.ts';
import type { WrittenDocuments } from './written-documents.ts';

async function fetchDocuments(
  { documents }: CatalogCollections,
  ids: readonly string[],
  into: Map<string, CatalogDocument>,
): Promise<void> {
  if (ids.length === 0) return;
  for (const stored of await documents.find({ _id: { $in: [...ids] } }).toArray())
    into.set(stored._id, fromStoredDocument(stored));
}

/** Takes those that still stand as they were written from memory, and fetches the others. */
async function confirmDocuments(
  collections: CatalogCollections,
  written: WrittenDocuments,
  ids: readonly string[],
  into: Map<string, CatalogDocument>,
): Promise<void> {
  if (ids.length === 0) return;
  const stale: string[] = [];
  const query = { _id: { $in: [...ids] } };
  for (const { _id, stamp } of await collections.documents.find(query, { projection: { stamp: 1 } }).toArray()) {
    const document = written.get(_id, stamp);
    if (document === undefined) stale.push(_id);
    else into.set(_id, document);
  }
  await fetchDocuments(collections, stale, into);
}

/** Documents in the order of their ids as they stand in the collection now. */
export async function readDocuments(
  collections: CatalogCollections,
  written: WrittenDocuments,
  ids: readonly string[],
): Promise<readonly (CatalogDocument | undefined)[]> {
  const found = new Map<string, CatalogDocument>();
  await Promise.all([
    confirmDocuments(
      collections,
      written,
      ids.filter((id) => written.has(id)),
      found,
    ),
    fetchDocuments(
      collections,
      ids.filter((id) => !written.has(id)),
      found,
    ),
  ]);
  return ids.map((id) => found.get(id));
}
