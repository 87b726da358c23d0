import type { ConceptKindName } from './concept-kind.ts';

/** The urn of what another entity names: a urn as it is, any other text is an id. */
export function conceptUrn(kind: ConceptKindName, named: string): string {
  return named.startsWith('urn:') ? named : `urn:gov:${kind}:${encodeURIComponent(named.normalize('NFC'))}`;
}

/** What others name it by; its urn if it has no id. */
export function conceptName(kind: ConceptKindName, urn: string): string {
  const prefix = `urn:gov:${kind}:`;
  if (!urn.startsWith(prefix)) return urn;
  try {
    const id = decodeURIComponent(urn.slice(prefix.length));
    return id !== '' && conceptUrn(kind, id) === urn ? id : urn;
  } catch {
    return urn;
  }
}
