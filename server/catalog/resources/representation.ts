import type { CatalogDocument } from '../../../channels/catalog/document.ts';
import { documentKey } from '../../../channels/catalog/document.ts';
import { canonicalJson } from '../../../channels/event/json.ts';
import type { PolicyClass } from '../../../channels/policy/policy-class.ts';
import { maskOf } from '../../../channels/wire/mask.ts';
import { wireDocument } from '../../../channels/wire/wire-document.ts';
import type { DeliveredVersion } from '../../delivery/outlet/outlet.ts';
import type { OpaqueIds } from '../../sealing/opaque-ids.ts';

/** An entity as a policy class sees it. */
export interface Representation {
  /** All members that it may see. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** With its quotes. */
  readonly etag: string;
  readonly delivered: DeliveredVersion;
}

/**
 * The ETag is over everything that the class sees, less the times that move with changes that it does not see: so a hidden
 * change never makes somebody's save fail. Never over the version, whose jumps would tell of hidden changes; and never
 * over a part, because the part that is read and the part that is checked would differ.
 */
export function representationOf(
  document: CatalogDocument,
  policyClass: PolicyClass,
  ids: Pick<OpaqueIds, 'representation'>,
): Representation {
  const shown = wireDocument(document, maskOf(policyClass));
  const { createdAt: _created, updatedAt: _updated, ...content } = shown;
  const { tenant, urn, version } = document;
  return {
    shown,
    etag: `"${ids.representation(tenant, policyClass.id, canonicalJson(content))}"`,
    delivered: { entity: documentKey(tenant, urn), version },
  };
}

/** `If-Match` compares exactly: a weak tag never matches (RFC 9110, 13.1.1). */
export function matchesExactly(header: string, etag: string): boolean {
  return header.trim() === '*' || tagsOf(header).includes(etag);
}

/** `If-None-Match` compares what two tags stand for, weak or not. */
export function matchesWeakly(header: string, etag: string): boolean {
  return header.trim() === '*' || tagsOf(header).some((tag) => tag.replace(/^W\//, '') === etag);
}

function tagsOf(header: string): readonly string[] {
  return header.split(',').map((tag) => tag.trim());
}
