import { hubConnector } from '../../channels/catalog/change.ts';
import type { CatalogDocument } from '../../channels/catalog/document.ts';
import type { KeyedPatch } from '../../channels/catalog/keyed-patch.ts';
import type { PatchedPlace } from '../../channels/catalog/keyed-reader.ts';
import { columnOf } from '../../channels/catalog/keyed-patch.ts';
import { isConfirmedBySource, loweredTag } from '../../channels/catalog/lowered.ts';
import type { AssetDocument } from '../../channels/catalog/document.ts';
import type { Head } from '../../channels/event/head.ts';
import type { PolicyClass } from '../../channels/policy/policy-class.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import type { Writer } from '../../channels/policy/writer.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';

/** Who edits, with what policy grants them. */
export interface Editor {
  readonly sub: string;
  readonly policyClass: PolicyClass;
  readonly writer: Writer;
}

/** @throws HubError filter-too-large */
export function editorOf(policy: Pick<CurrentPolicy, 'classOf' | 'writerOf'>, principal: Principal): Editor {
  return { sub: principal.sub, policyClass: policy.classOf(principal), writer: policy.writerOf(principal) };
}

/** A refusal that names the place: a pointer into the keyed form, or nothing for the whole. */
export function forbidden(path: string, problem: string): HubError {
  return new HubError('forbidden', `${path === '' ? 'urn' : path}: ${problem}`, { publicDetails: { path } });
}

/** @throws HubError forbidden naming the first place that no grant covers */
export function assertWritable({ writer }: Editor, places: readonly PatchedPlace[], head: Head): void {
  const refused = places.find(({ field }) => !writer.mayWrite(field, head));
  if (refused !== undefined)
    throw forbidden(refused.path, `no grant allows you to write ${refused.field} of this ${head.kind}`);
}

/** Rejecting what a source confirms is no decision about a suggestion: it takes protection away. @throws HubError forbidden */
export function assertRejectable({ writer }: Editor, { curation }: KeyedPatch, asset: AssetDocument): void {
  if (writer.mayDeclassify(asset.head)) return;
  const confirmed = [
    ...(curation.classifications ?? []).map((tag) => ({ tag, element: asset, path: '/classifications' })),
    ...(curation.columns ?? []).flatMap(({ name, classifications = [] }) => {
      const element = columnOf(asset, name);
      const path = `/columns/${name}/classifications`;
      return element === undefined ? [] : classifications.map((tag) => ({ tag, element, path }));
    }),
  ].find(({ tag, element }) => tag.word?.state === 'rejected' && isConfirmedBySource(element, tag));
  if (confirmed !== undefined) {
    const { path, tag } = confirmed;
    throw forbidden(`${path}/${tag.scheme}/${tag.name}`, 'a source confirms it; no grant allows you to declassify');
  }
}

/**
 * The asset as it would be, judged like the asset as it was: nobody moves one to where they may not write, or out of their
 * own sight, or lowers its protection without the right to. @throws HubError forbidden
 */
export function assertResult(
  editor: Editor,
  places: readonly PatchedPlace[],
  { before, after }: { readonly before: CatalogDocument | undefined; readonly after: CatalogDocument },
): void {
  const { policyClass, writer } = editor;
  if (!policyClass.mayRead(after.head))
    throw new HubError(
      'forbidden',
      `afterwards you could not see the ${after.kind} any more; somebody else has to change it`,
    );
  const refused = places.find(({ field }) => !writer.mayWrite(field, after.head));
  if (refused !== undefined)
    throw forbidden(
      refused.path,
      `no grant allows you to write ${refused.field} of the ${after.kind} as it would be then`,
    );
  if (before?.kind !== 'asset' || after.kind !== 'asset') return;
  const lowered = loweredTag(before, after);
  if (lowered !== undefined && !(writer.mayDeclassify(before.head) && writer.mayDeclassify(after.head)))
    throw forbidden(lowered, 'it would protect less than before; no grant allows you to declassify');
}

/** True for what people have created, so that they say everything of it. */
export function isOfPeople({ connector }: Pick<CatalogDocument, 'connector'>): boolean {
  return connector === hubConnector;
}
