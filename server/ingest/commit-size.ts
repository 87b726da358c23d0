/** How many records go into one commit. */
export const firstCommitSize = 250;
const [least, most] = [1, 2000];
/** A store gives a transaction about ten seconds. */
const [quickMs, slowMs] = [2000, 4000];

/**
 * What a commit costs whatever is in it is shared by its records, and an entity that they change several times is
 * written once: more is better, as long as the store takes it well within its limit. Documents differ in size by
 * thousands, so only the time that the last commit took can tell.
 */
export function nextCommitSize(size: number, elapsedMs: number): number {
  if (elapsedMs > slowMs) return Math.max(least, Math.floor(size / 2));
  return elapsedMs < quickMs ? Math.min(most, size * 2) : size;
}
