import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folderMode = 0o700;
/** For whatever is made in the folder. */
export const fileMode = 0o600;

/** Of a file that another process took away since it was listed: no. Rivals for the lock come and go with their files. */
function isWider(path: string, mode: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && (found.mode & 0o777 & ~mode) !== 0;
}

/**
 * What belongs to somebody else stays as it is: a folder that is mounted for a group is not ours to change. What is gone
 * meanwhile needs nothing.
 */
function narrow(path: string, mode: number): void {
  if (!isWider(path, mode)) return;
  try {
    chmodSync(path, mode);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EPERM' && code !== 'ENOENT') throw error;
  }
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name));
}

/**
 * Makes the folder, or takes it from everybody but its owner together with the files in it, whatever their modes were: it
 * holds the documents of all tenants, and keys.
 */
export function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: folderMode });
  narrow(folder, folderMode);
  for (const file of filesOf(folder)) narrow(file, fileMode);
}

/** What in the folder others than its owner may read or write; nothing where there is no such folder. */
export function readableByOthers(folder: string): readonly string[] {
  if (!(statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false)) return [];
  return filesOf(folder).filter((file) => isWider(file, fileMode));
}
import { codeOf } from '../../channels/base/thrown.ts';
