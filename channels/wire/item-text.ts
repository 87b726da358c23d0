import type { CatalogDocument } from '../catalog/document.ts';
import type { Form } from './form.ts';
import type { Mask } from './mask.ts';
import { MemberTexts } from './member-texts.ts';
import { documentRest, wireHead } from './wire-document.ts';

/** JSON of a document as a view of a form shows it, see AnyWireItem. */
export function itemText(
  document: CatalogDocument,
  { form, mask }: { readonly form: Form; readonly mask: Mask },
): string {
  const { enter, fields } = form;
  const chosen = (members: Readonly<Record<string, unknown>>): string => {
    const texts = new MemberTexts(members);
    return fields === undefined ? texts.whole() : texts.of(fields);
  };
  const head = chosen(wireHead(document.head, mask)).slice(1);
  const entity = `{"urn":${JSON.stringify(document.urn)}${head === '}' ? '' : ','}${head}`;
  return enter.document
    ? `{"entity":${entity},"document":${chosen(documentRest(document, mask))}}`
    : `{"entity":${entity}}`;
}
