import { BSON, type Collection, type Filter as MongoFilter, type FindCursor } from 'mongodb';
import { type CatalogDocument, documentKey } from '../../channels/catalog/document.ts';
import type { FindQuery, FoundPage } from '../../channels/ports/document-store.ts';
import { requiredText } from '../../channels/subscription/required-text.ts';
import { toMongoFilter } from '../../channels/subscription/to-mongo.ts';
import { notDeleted } from './catalog-collections.ts';
import { fromStoredDocument, type StoredDocument } from './stored-document.ts';

/** Documents of one answer of the server; each may have 384 KiB. */
const findBatchDocuments = 50;
/** A condition that no index serves looks at every document of the tenant. */
const findTimeoutMs = 10_000;

async function read(cursor: FindCursor<StoredDocument>, limit: number, maxBytes: number): Promise<FoundPage> {
  const documents: CatalogDocument[] = [];
  let bytes = 0;
  try {
    for await (const stored of cursor) {
      if (documents.length === limit || bytes > maxBytes) return { documents, next: documents.at(-1)?.urn };
      bytes += BSON.calculateObjectSize(stored);
      documents.push(fromStoredDocument(stored));
    }
    return { documents, next: undefined };
  } finally {
    await cursor.close();
  }
}

/** Documents that match, in ascending order of urn. */
export async function findPage(documents: Collection<StoredDocument>, query: FindQuery): Promise<FoundPage> {
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
      limit: limit + 1,
      // what comes at once is held at once
      batchSize: findBatchDocuments,
      maxTimeMS: findTimeoutMs,
    },
  );
  return read(cursor, limit, maxBytes);
}
