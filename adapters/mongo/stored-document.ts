/*
 * Documents are stored as they are, so that head fields can be indexed and people can read them with any tool. The
 * exception is JSON that sources choose freely: its keys may hold dots, dollars or NUL, which MongoDB refuses or reads
 * as operators. Such values are kept as JSON text next to their key and come back exactly as they were.
 */
import { formOf } from '../../channels/forms/form-of.ts';
import { writtenForm } from '../../channels/forms/written-form.ts';
import { headOf } from '../../channels/catalog/head-of.ts';
import { type CatalogDocument, documentKey } from '../../channels/catalog/document.ts';
import type { Head } from '../../channels/event/head.ts';
import { isJsonObject } from '../../channels/event/json.ts';

/** A document in the collection: `_id` is the document key, free JSON is text. */
export interface StoredDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly urn: string;
  readonly version: number;
  readonly head: Head;
  /** Of the form. */
  readonly v?: number;
  /** Another one with every write, whatever it changes. Absent in documents of older releases. */
  readonly stamp?: string;
  readonly [field: string]: unknown;
}

/** Heads of older forms lack something. */
const usualForm = writtenForm('document', 'asset');

type Fields = Readonly<Record<string, unknown>>;
type Replace = (fields: Fields) => Fields;

/** Scalars stay readable; lists and objects become `json`. */
function storeProperty({ key, value }: Fields): Fields {
  return typeof value === 'object' && value !== null ? { key, json: JSON.stringify(value) } : { key, value };
}

function parsed(text: unknown): unknown {
  return typeof text === 'string' ? JSON.parse(text) : text;
}

function loadProperty(stored: Fields): Fields {
  return 'json' in stored ? { key: stored['key'], value: parsed(stored['json']) } : stored;
}

/** The object with one field replaced if it has it. */
function replaced(fields: Fields, field: string, replace: (value: unknown) => unknown): Fields {
  return fields[field] === undefined ? fields : { ...fields, [field]: replace(fields[field]) };
}

/** The same list while nothing in it is replaced. */
function each(list: unknown, replace: Replace): unknown {
  return Array.isArray(list) && list.length > 0 ? list.map(replace) : list;
}

/** Fields with free JSON, as they are kept and as they come back. */
function freeJson(
  property: Replace,
  json: (value: unknown) => unknown,
): Readonly<Record<string, (value: unknown) => unknown>> {
  const classification: Replace = (fields) => replaced(fields, 'attributes', json);
  const column: Replace = (fields) =>
    replaced(
      replaced(fields, 'classifications', (list) => each(list, classification)),
      'curated',
      json,
    );
  return {
    properties: (list) => each(list, property),
    classifications: (list) => each(list, classification),
    columns: (list) => each(list, column),
    curated: json,
    native: (native) => (isJsonObject(native) ? replaced(replaced(native, 'data', json), 'attributes', json) : native),
  };
}

const storing = freeJson(storeProperty, JSON.stringify);
const loading = freeJson(loadProperty, parsed);

/** Field by field into one object: spreads would cost as much as its BSON. */
function copyFields(
  from: Fields,
  to: Record<string, unknown>,
  replace: Readonly<Record<string, (value: unknown) => unknown>>,
): Record<string, unknown> {
  for (const field of Object.keys(from)) {
    const value = from[field];
    to[field] = replace[field] === undefined || value === undefined ? value : replace[field](value);
  }
  return to;
}

export function toStoredDocument(document: CatalogDocument, stamp: string): StoredDocument {
  const stored = { _id: documentKey(document.tenant, document.urn), stamp, v: writtenForm('document', document.kind) };
  return copyFields(document, stored, storing) as StoredDocument;
}

/** Upper bound of a document's BSON: a string has three bytes a UTF-16 unit, and the rest has less than its rough size. */
export function maxStoredBytes(roughBytes: number): number {
  return 3 * roughBytes;
}

/** @throws NewerForm */
export function fromStoredDocument({ _id, stamp: _stamp, v, ...stored }: StoredDocument): CatalogDocument {
  const form = formOf('document', v);
  const document = copyFields(stored, {}, loading) as CatalogDocument;
  return form < usualForm ? { ...document, head: headOf(document) } : document;
}
