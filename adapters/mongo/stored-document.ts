/*
 * Documents are stored as they are, so that head fields can be indexed and people can read them with any tool. The
 * exception is JSON that sources choose freely: its keys may hold dots, dollars or NUL, which MongoDB refuses or reads
 * as operators. Such values are kept as JSON text beside their key and come back exactly as they were.
 */
import { type CatalogDocument, documentKey, type Property } from '../../channels/catalog/document.ts';
import type { Head } from '../../channels/event/head.ts';
import type { JsonValue } from '../../channels/event/json.ts';

/** A document in the collection: `_id` is the document key, free JSON is text. */
export interface StoredDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly urn: string;
  readonly version: number;
  readonly head: Head;
  readonly [field: string]: unknown;
}

type Fields = Readonly<Record<string, unknown>>;
type Replace = (fields: Fields) => Fields;

/** Scalars stay readable; lists and objects become `json`. */
function storeProperty({ key, value }: Property): Fields {
  return typeof value === 'object' && value !== null ? { key, json: JSON.stringify(value) } : { key, value };
}

function loadProperty(stored: Fields): Fields {
  return 'json' in stored ? { key: stored['key'], value: JSON.parse(stored['json'] as string) as JsonValue } : stored;
}

function replaced(fields: Fields, field: string, replace: (value: unknown) => unknown): Fields {
  return fields[field] === undefined ? fields : { ...fields, [field]: replace(fields[field]) };
}

function each(replace: Replace): (list: unknown) => unknown {
  return (list) => (list as readonly Fields[]).map(replace);
}

function withFreeJson(document: Fields, property: Replace, json: (value: unknown) => unknown): Fields {
  const classification: Replace = (fields) => replaced(fields, 'attributes', json);
  const column: Replace = (fields) => replaced(fields, 'classifications', each(classification));
  const steps: readonly (readonly [string, (value: unknown) => unknown])[] = [
    ['properties', each(property)],
    ['classifications', each(classification)],
    ['columns', each(column)],
    ['native', (native) => replaced(native as Fields, 'data', json)],
  ];
  return steps.reduce((fields, [field, replace]) => replaced(fields, field, replace), document);
}

export function toStoredDocument(document: CatalogDocument): StoredDocument {
  const fields = withFreeJson(
    document as unknown as Fields,
    (property) => storeProperty(property as unknown as Property),
    JSON.stringify,
  );
  return { _id: documentKey(document.tenant, document.urn), ...fields } as StoredDocument;
}

export function fromStoredDocument({ _id, ...stored }: StoredDocument): CatalogDocument {
  return withFreeJson(
    stored,
    loadProperty,
    (text) => JSON.parse(text as string) as unknown,
  ) as unknown as CatalogDocument;
}
