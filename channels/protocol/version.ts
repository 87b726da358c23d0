/** Versions of the wire protocol that one side speaks. */
export interface ProtocolRange {
  readonly oldest: number;
  readonly newest: number;
}

/**
 * What this release speaks, as hub and as client. `newest` rises only when an older side would misread a message; then
 * `oldest` stays for at least one release, so that neighbouring releases always have a version in common. Everything
 * else that is added needs no number: see docs/protocol.md, Versions. A version is what the first release with it says: until
 * there is one, it changes under its number.
 */
export const spokenProtocols: ProtocolRange = { oldest: 1, newest: 1 };

/**
 * Abilities of this hub that not every hub of the same version has, for `welcome`. A name never changes its meaning, and
 * is dropped when the oldest version that is spoken includes it.
 */
export const features: readonly string[] = [];

/** The highest version that both speak; undefined if there is none. */
export function commonProtocol(one: ProtocolRange, other: ProtocolRange): number | undefined {
  const highest = Math.min(one.newest, other.newest);
  return highest >= Math.max(one.oldest, other.oldest) ? highest : undefined;
}

/** A range for people: `1`, or `1 to 2`. */
export function protocolText({ oldest, newest }: ProtocolRange): string {
  return oldest === newest ? String(newest) : `${oldest} to ${newest}`;
}
