import type { WithoutHead } from '../catalog/head-of.ts';
import type { Head } from '../event/head.ts';
import type { IndexRow } from '../ports/search-index.ts';
import { openRequirement } from './attributes.ts';
import { textsOf } from './document-texts.ts';
import { orderNumber } from './rank.ts';

/** Raised when rows of the same documents become others, so that stored indexes are built again. */
export const indexRowForm = 1;

/** A document of the catalog as every engine indexes it, and whether its texts were too long to be indexed as a whole. */
export function indexRowOf(document: WithoutHead, head: Head): { readonly row: IndexRow; readonly isCut: boolean } {
  const { tenant, urn, version } = document;
  const { texts, isCut } = textsOf(document, head);
  const visible = [{ requirement: openRequirement, fields: head }];
  return { row: { tenant, urn, version, ord: orderNumber(tenant, urn), head, visible, texts }, isCut };
}
