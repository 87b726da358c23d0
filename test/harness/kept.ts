import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../deploy/services/state.mjs';

/** A folder that is obtained once and kept, as long as its name, which says what it is made of, stays the same. */
export async function kept(name: string, make: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(cacheDir, name);
  const done = join(folder, 'complete');
  if (existsSync(done)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await make(folder);
  writeFileSync(done, '');
  return folder;
}
