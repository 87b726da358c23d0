import { BSON, type Collection, type Filter as MongoFilter, type FindCursor } from 'mongodb';
import { type CatalogDocument, documentKey } from '../../channels/catalog/document.ts';
import { readOrReport } from '../../channels/forms/read-or-report.ts';
import type { OnDamaged } from '../../channels/ports/damaged-record.ts';
import type { FindQuery, FoundPage } from '../../channels/ports/document-store.ts';
import { requiredText } from '../../channels/subscription/required-text.ts';
import { toMongoFilter } from '../../channels/subscription/to-mongo.ts';
import { notDeleted } from './catalog-collections.ts';
import { fromStoredDocument, type StoredDocument } from './stored-document.ts';

/** Documents of one answer of the server; each may have 384 KiB. */
const findBatchDocuments = 50;
/** A condition that no index serves looks at every document of the tenant. */
const findTimeoutMs = 10_000;

function urnOf({ _id }: StoredDocument): string {
  return _id.slice(_id.indexOf('|') + 1);
}

async function read(
  cursor: FindCursor<StoredDocument>,
  { limit, maxBytes }: Pick<FindQuery, 'limit' | 'maxBytes'>,
  onDamaged: OnDamaged,
): Promise<FoundPage> {
  const documents: CatalogDocument[] = [];
  let [seen, bytes] = [0, 0];
  let last: string | undefined;
  try {
    for await (const stored of cursor) {
      // of those that were read: what is left out of the page is not to be read again
      if (seen === limit || bytes > maxBytes) return { documents, next: last };
      seen += 1;
      last = urnOf(stored);
      bytes += BSON.calculateObjectSize(stored);
      const document = readOrReport({ kind: 'document', id: stored._id }, () => fromStoredDocument(stored), onDamaged);
      if (document !== undefined) documents.push(document);
    }
    return { documents, next: undefined };
  } finally {
    await cursor.close();
  }
}

/** Documents that match, in ascending order of urn. */
export async function findPage(
  documents: Collection<StoredDocument>,
  query: FindQuery,
  onDamaged: OnDamaged,
): Promise<FoundPage> {
  const { tenant, filter, afterUrn = '', limit, maxBytes, includeDeleted = false } = query;
  // to MongoDB a limit of 0 is no limit
  if (limit <= 0) return { documents: [], next: undefined };
  const urn = requiredText(filter, 'urn');
  const conditions: MongoFilter<StoredDocument>[] = [
    ...(urn === undefined ? [] : [{ _id: documentKey(tenant, urn) }]),
    { tenant, _id: { $gt: documentKey(tenant, afterUrn), $lt: `${tenant}}` } },
    ...(includeDeleted ? [] : [notDeleted]),
    toMongoFilter(filter),
  ];
  const cursor = documents.find(
    { $and: conditions },
    {
      sort: { _id: 1 },
      // what comes at once is held at once
      batchSize: findBatchDocuments,
      limit: limit + 1,
      maxTimeMS: findTimeoutMs,
    },
  );
  return read(cursor, { limit, maxBytes }, onDamaged);
}
