import { type AssetDocument, type CatalogDocument, isGone } from '../../channels/catalog/document.ts';
import { documentLimits } from '../../channels/catalog/limits.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { writtenForms } from '../../channels/subscription/written-forms.ts';

/** One answer for what does not exist, was deleted, is no asset, or may not be seen. @throws HubError not-found */
export function assertVisible(document: CatalogDocument | undefined, policyClass: PolicyClass): AssetDocument {
  if (document?.kind === 'asset' && !isGone(document) && policyClass.mayRead(document.head)) return document;
  throw new HubError('not-found', 'urn: it does not exist, or you may not see it');
}

/** The asset that somebody means by what is in the path. @throws HubError not-found */
export async function findAsset(
  store: Pick<DocumentStore, 'getMany'>,
  policyClass: PolicyClass,
  written: string,
): Promise<AssetDocument> {
  const { tenant } = policyClass;
  const urns = writtenForms(written).filter(({ length }) => length <= documentLimits.urnLength);
  const found = await store.getMany(urns.map((urn) => ({ tenant, urn })));
  const visible = found.find((each) => each?.kind === 'asset' && !isGone(each) && policyClass.mayRead(each.head));
  return assertVisible(visible, policyClass);
}
