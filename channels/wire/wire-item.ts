import type { CatalogDocument } from '../catalog/document.ts';
import type { AnyWireItem } from '../protocol/down.ts';
import type { Form } from './form.ts';
import type { Mask } from './mask.ts';
import { documentRest, wireHead } from './wire-document.ts';

function some(members: object, names: readonly string[]): object {
  const held = members as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.map((name) => [name, held[name]]));
}

/** A document as a view of a form shows it. */
export function wireItem(
  document: CatalogDocument,
  { form, mask }: { readonly form: Form; readonly mask: Mask },
): AnyWireItem {
  const { enter, fields } = form;
  const { urn } = document;
  const [head, rest] = [wireHead(document.head, mask), enter.document ? documentRest(document, mask) : undefined];
  if (fields === undefined) return { entity: { urn, ...head }, document: rest } as AnyWireItem;
  return { entity: { urn, ...some(head, fields) }, document: rest && some(rest, fields) } as AnyWireItem;
}
