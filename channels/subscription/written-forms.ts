import { normalText } from '../event/normal-text.ts';

/** What a urn may hold as it is, RFC 8141; clients and proxies percent-encode the rest. */
const notInUrn = /[^A-Za-z0-9\-._~:@/!$&'()*+,;=%]/gu;

function decoded(text: string): readonly string[] {
  try {
    return [decodeURIComponent(text)];
  } catch {
    return [];
  }
}

function encoded(text: string): readonly string[] {
  try {
    return [text.replace(notInUrn, (char) => encodeURIComponent(char))];
  } catch {
    // half of a character
    return [];
  }
}

/**
 * What somebody may mean who writes this id into the name of a channel or a path: the id as it is, as events name it; the
 * one that was percent-encoded to be put there; the one that a proxy on the way, or a person, decoded. Nearly always these
 * are one and the same.
 */
export function writtenForms(text: string): readonly string[] {
  const forms = [text, ...decoded(text), ...encoded(text)];
  return [...new Set([...forms, ...forms.map(normalText)])];
}
