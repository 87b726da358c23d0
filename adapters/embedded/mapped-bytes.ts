import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const dataName = 'data.mdb';

/**
 * How much of the data file is in the memory of this process. It counts as resident, but belongs to the system's
 * cache of files: the system takes it back when it needs memory. 0 where the system does not tell.
 */
export function mappedBytes(folder: string): number {
  const path = join(resolve(folder), dataName);
  let isOurs = false;
  let kilobytes = 0;
  for (const line of mappings().split('\n')) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) isOurs = line.endsWith(path);
    else if (isOurs && line.startsWith('Rss:')) kilobytes += Number.parseInt(line.slice('Rss:'.length), 10);
  }
  return kilobytes * 1024;
}

function mappings(): string {
  try {
    return readFileSync('/proc/self/smaps', 'utf8');
  } catch {
    return '';
  }
}
