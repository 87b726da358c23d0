import type { CatalogDocument, DocumentBase } from './document.ts';

/** The part of a document that a change decides. */
export type Content<D extends CatalogDocument = CatalogDocument> = D extends unknown
  ? Omit<D, Exclude<keyof DocumentBase, 'kind' | 'name'>>
  : never;

/** Names an element of a list of one entity by a text from which nothing can be read. */
export type ElementKey = (element: string) => string;
