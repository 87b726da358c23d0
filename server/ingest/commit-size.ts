import type { SourceRecord } from '../../channels/ports/connector-source.ts';

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

/** Records with more bytes than this together are not committed at once. */
const maxCommitBytes = 8 * 1024 * 1024;

/** Where the commit ends that begins at `start`: so many records at most, fewer where they are large, at least one. */
export function endOfCommit(records: readonly SourceRecord[], start: number, size: number): number {
  let bytes = 0;
  const beyond = records.slice(start, start + size).findIndex(({ value }, index) => {
    bytes += value?.length ?? 0;
    return index > 0 && bytes > maxCommitBytes;
  });
  return beyond < 0 ? Math.min(records.length, start + size) : start + beyond;
}
