import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../deploy/services/state.mjs';

/**
 * A folder that is obtained once and kept, as long as its name, which says what it is made of, stays the same. It is
 * moved to its place when it is whole: test files that run side by side may all find it missing.
 */
export async function kept(name: string, make: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(cacheDir, name);
  const isThere = (): boolean => existsSync(join(folder, 'complete'));
  if (isThere()) return folder;
  mkdirSync(cacheDir, { recursive: true });
  const own = mkdtempSync(`${folder}-`);
  try {
    await make(own);
    writeFileSync(join(own, 'complete'), '');
    if (isThere()) return folder;
    rmSync(folder, { recursive: true, force: true });
    renameSync(own, folder);
  } catch (error) {
    if (!isThere()) throw error;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
  return folder;
}
