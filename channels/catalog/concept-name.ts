import type { ConceptKind } from '../event/head.ts';
import { normalText } from '../event/normal-text.ts';

/**
 * The urn of the term, domain or team that another entity names: a urn is taken as it is, and any other text is an id, so
 * that `domain: retail` of an asset is `urn:gov:domain:retail`.
 */
export function conceptUrn(kind: ConceptKind, named: string): string {
  return named.startsWith('urn:') ? named : `urn:gov:${kind}:${encodeURIComponent(normalText(named))}`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What others name it by: the opposite of {@link conceptUrn}, equal for both spellings of the same one. */
export function conceptName(kind: ConceptKind, named: string): string {
  const prefix = `urn:gov:${kind}:`;
  if (!named.startsWith(prefix)) return named;
  const id = decoded(named.slice(prefix.length));
  return id !== undefined && id !== '' && conceptUrn(kind, id) === named ? id : named;
}
