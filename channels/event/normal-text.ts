const ascii = /^[\u0000-\u007f]*$/;

/**
 * A text in Unicode's composed form (NFC), in which texts that look the same are the same. Whatever is compared as an
 * identity (domains, tags, owners, names, urns) is in this form on both sides: a `deny` on a domain must not be passed by
 * with another spelling of it.
 */
export function normalText(text: string): string {
  return ascii.test(text) ? text : text.normalize('NFC');
}
