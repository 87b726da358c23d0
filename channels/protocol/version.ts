/** Versions of the wire protocol that one side supports. */
export interface ProtocolRange {
  readonly oldest: number;
  readonly newest: number;
}

/**
 * The versions of this release, as hub and as client. `newest` is raised only when an older side would misread a message;
 * `oldest` then stays for at least one release, so that adjacent releases always have a version in common. Other
 * additions need no new number: see docs/protocol.md, Versions. A version is defined by the first release with it: until
 * then it changes without a new number.
 */
export const spokenProtocols: ProtocolRange = { oldest: 1, newest: 1 };

/** The highest version that both support; undefined if there is none. */
export function commonProtocol(one: ProtocolRange, other: ProtocolRange): number | undefined {
  const highest = Math.min(one.newest, other.newest);
  return highest >= Math.max(one.oldest, other.oldest) ? highest : undefined;
}

/** A range for people: `1`, or `1 to 2`. */
export function protocolText({ oldest, newest }: ProtocolRange): string {
  return oldest === newest ? String(newest) : `${oldest} to ${newest}`;
}
