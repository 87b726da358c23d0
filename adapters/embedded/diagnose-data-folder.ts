import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf } from '../../channels/base/thrown.ts';
import type { Check } from '../../channels/ports/check.ts';
import { dataFileFault } from './data-file.ts';
import { dataFolderHolder } from './data-folder-lock.ts';
import { readableByOthers } from './private-files.ts';

const lowBytes = 1024 ** 3;

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}

function writable(folder: string): Check {
  const name = 'data folder';
  try {
    if (!existsSync(folder)) {
      accessSync(nearestExisting(folder), constants.W_OK);
      return { name, state: 'ok', found: `${folder} does not exist yet; the first start creates it` };
    }
    const probe = join(folder, `.doctor-${randomUUID()}`);
    writeFileSync(probe, '');
    unlinkSync(probe);
    return { name, state: 'ok', found: `${folder} can be written` };
  } catch (error) {
    return {
      name,
      state: 'fail',
      found: `${folder} cannot be written: ${messageOf(error)}`,
      fix: 'correct PURSIGHT_DATA_DIR, or the rights of the folder',
    };
  }
}

function lockCheck(folder: string): Check {
  const name = 'data folder lock';
  const holder = dataFolderHolder(folder);
  if (holder === undefined) return { name, state: 'ok', found: 'free' };
  if (holder.alive) return { name, state: 'ok', found: `held by the running process ${holder.pid}` };
  return {
    name,
    state: 'warn',
    found: `left by process ${holder.pid}, which no longer runs`,
    fix: 'nothing: the next start takes it over; find out why the process died',
  };
}

function dataFileCheck(folder: string): Check {
  const fault = dataFileFault(folder);
  if (fault === undefined) return { name: 'data file', state: 'ok', found: 'not truncated' };
  return {
    name: 'data file',
    state: 'fail',
    found: fault,
    fix: 'restore the folder from a backup, or move it away to start with an empty catalog',
  };
}

function privacyCheck(folder: string): Check {
  const name = 'data folder rights';
  const open = readableByOthers(folder);
  if (open.length === 0) return { name, state: 'ok', found: 'nobody but the owner can read the files' };
  return {
    name,
    state: 'warn',
    found: `others can read ${open.join(', ')}`,
    fix: 'nothing: the next start corrects it, unless the files belong to another user; then use chown and chmod 600',
  };
}

function spaceCheck(folder: string): Check {
  const { bavail, bsize } = statfsSync(nearestExisting(folder));
  const bytes = bavail * bsize;
  const found = `${(bytes / lowBytes).toFixed(1)} GiB free`;
  if (bytes >= lowBytes) return { name: 'disk', state: 'ok', found };
  return { name: 'disk', state: 'warn', found, fix: 'free some space: a hub that cannot write ingests nothing' };
}

/** Looks at the folder of the embedded storage; leaves nothing behind. Never throws. */
export async function* diagnoseDataFolder({ folder }: { readonly folder: string }): AsyncGenerator<Check> {
  const path = resolve(folder);
  yield writable(path);
  yield lockCheck(path);
  yield dataFileCheck(path);
  yield privacyCheck(path);
  yield spaceCheck(path);
}
