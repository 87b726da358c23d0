import type { CatalogDocument } from '../../../channels/catalog/document.ts';
import { type EditableDocument, editableKinds } from '../../../channels/catalog/entity-edit.ts';
import { sameJson } from '../../../channels/event/json.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { hidesNothing, maskOf } from '../../../channels/wire/mask.ts';
import { type Editor, forbidden, isOfPeople } from '../edit-rights.ts';

function isEditable(document: CatalogDocument): document is EditableDocument {
  return editableKinds.some((kind) => kind === document.kind);
}

/**
 * The entity, if people may change it at all: what a source says of it the source would say again, and nobody writes over
 * what is masked for him. @throws HubError forbidden
 */
export function editable(document: CatalogDocument, { policyClass }: Editor): EditableDocument {
  if (!isEditable(document)) throw forbidden('', `people do not change a ${document.kind}`);
  if (!isOfPeople(document)) throw forbidden('', 'its source says it; change it there');
  const mask = maskOf(policyClass);
  const { head: _head, ...whole } = document;
  if (!hidesNothing(mask) && !sameJson(mask.document(whole), whole))
    throw new HubError('forbidden', 'body: part of it is masked for you');
  return document;
}

function protection(document: CatalogDocument | undefined): readonly unknown[] {
  return document?.kind === 'definition' && document.status === 'active'
    ? [document.parents.toSorted(), document.level]
    : [[], undefined];
}

/**
 * A definition says which tags another implies, so that sources need not say them, and how sensitive it is: what it says of
 * that changes what is protected. @throws HubError forbidden
 */
export function assertProtection(
  { writer }: Editor,
  { before, after }: { readonly before: CatalogDocument | undefined; readonly after: CatalogDocument },
): void {
  const [was, is] = [protection(before), protection(after)];
  if (sameJson(was, is)) return;
  if ([before, after].every((image) => image === undefined || writer.mayDeclassify(image.head))) return;
  throw forbidden(
    sameJson(was[0], is[0]) ? '/level' : '/parents',
    'parents and level decide what a tag protects; no grant allows you to declassify',
  );
}
