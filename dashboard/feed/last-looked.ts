const prefix = 'pursight.looked.';

/** When a reader was here last; undefined at the first time. Only the time is kept in the browser, under a hash of who it is. */
export function lastLooked(reader: string): string | undefined {
  try {
    const kept = localStorage.getItem(prefix + nameOf(reader)) ?? '';
    return Number.isNaN(Date.parse(kept)) ? undefined : kept;
  } catch {
    return undefined;
  }
}

export function looked(reader: string, at: string): void {
  try {
    localStorage.setItem(prefix + nameOf(reader), at);
  } catch {
    // then the next visit begins an hour back
  }
}

/** FNV-1a: two readers of one browser must not share a mark; it hides nothing. */
function nameOf(reader: string): string {
  let hash = 0x811c9dc5;
  for (const char of reader) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
}
