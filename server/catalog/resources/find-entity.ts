import { type AssetDocument, type CatalogDocument, isGone } from '../../../channels/catalog/document.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { DocumentKind } from '../../../channels/event/head.ts';
import type { PolicyClass } from '../../../channels/policy/policy-class.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { writtenForms } from '../../../channels/subscription/written-forms.ts';

function isVisible(document: CatalogDocument, { mayRead }: PolicyClass, kind: DocumentKind): boolean {
  return document.kind === kind && !isGone(document) && mayRead(document.head);
}

/** One answer for what does not exist, was deleted, is of another kind, or may not be seen. @throws HubError not-found */
export function assertVisible(
  document: CatalogDocument | undefined,
  policyClass: PolicyClass,
  kind: DocumentKind,
): CatalogDocument {
  if (document !== undefined && isVisible(document, policyClass, kind)) return document;
  throw new HubError('not-found', 'urn: it does not exist, or you may not see it');
}

/** The same of an asset. @throws HubError not-found */
export function assertVisibleAsset(document: CatalogDocument | undefined, policyClass: PolicyClass): AssetDocument {
  const visible = assertVisible(document, policyClass, 'asset');
  if (visible.kind === 'asset') return visible;
  throw new HubError('internal', 'an asset is of its kind');
}

type Store = Pick<DocumentStore, 'getMany'>;

/** The entity that somebody means by what is in the path. @throws HubError not-found */
export async function findEntity(
  store: Store,
  policyClass: PolicyClass,
  written: string,
  kind: DocumentKind,
): Promise<CatalogDocument> {
  const { tenant } = policyClass;
  const urns = writtenForms(written).filter(({ length }) => length <= documentLimits.urnLength);
  const found = await store.getMany(urns.map((urn) => ({ tenant, urn })));
  const visible = found.find((each) => each !== undefined && isVisible(each, policyClass, kind));
  return assertVisible(visible, policyClass, kind);
}

/** @throws HubError not-found */
export async function findAsset(store: Store, policyClass: PolicyClass, written: string): Promise<AssetDocument> {
  return assertVisibleAsset(await findEntity(store, policyClass, written, 'asset'), policyClass);
}
