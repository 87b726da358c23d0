import { tagText } from './head.ts';

const beyondAscii = /[\u0080-\uffff]/;

/**
 * A text in Unicode's composed form (NFC), in which texts that look the same are the same. Whatever is compared as an
 * identity (domains, tags, owners, names, urns) is in this form on both sides: a `deny` on a domain must not be passed by
 * with another spelling of it.
 */
export function normalText(text: string): string {
  return beyondAscii.test(text) ? text.normalize('NFC') : text;
}

/** A classification as heads, filters and labels name it: {@link tagText} in composed form. */
export function normalTag({ scheme, name }: { readonly scheme: string; readonly name: string }): string {
  return normalText(tagText(scheme, name));
}
