import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Downloads and the state file; outside the repository, so that every clone on the machine shares them. */
export const cacheDir =
  process.env.PURSIGHT_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pursight');

const stateFile = join(cacheDir, 'services.json');
const lockDir = join(cacheDir, 'services.lock');
const lockOwnerFile = join(lockDir, 'pid');
const lockTimeoutMs = 180_000;

/**
 * What runs: `{ servers: { kafka: { url, how, pid, dir, purpose } }, users: [pid] }`. `purpose` is `tests` for a server
 * that a test run started and may stop again, `user` for one that somebody asked for.
 */
export function readState() {
  try {
    return JSON.parse(readFileSync(stateFile, 'utf8'));
  } catch {
    return { servers: {}, users: [] };
  }
}

/** Replaces the state file in one step, so that a reader never sees half of it. */
export function writeState(state) {
  mkdirSync(cacheDir, { recursive: true });
  writeFileSync(`${stateFile}.new`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${stateFile}.new`, stateFile);
}

/** Two runs may start at once; only one of them may start or stop servers at a time. */
export async function withLock(work) {
  mkdirSync(cacheDir, { recursive: true });
  const deadline = Date.now() + lockTimeoutMs;
  while (!tryLock()) {
    if (Date.now() > deadline) throw new Error(`another process holds ${lockDir}; remove it if none runs`);
    await pause(100);
  }
  try {
    return await work();
  } finally {
    rmSync(lockDir, { recursive: true, force: true });
  }
}

/** True while a process with that id exists, also when it belongs to somebody else. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function tryLock() {
  try {
    mkdirSync(lockDir);
    writeFileSync(lockOwnerFile, String(process.pid));
    return true;
  } catch {
    if (isAbandoned()) rmSync(lockDir, { recursive: true, force: true });
    return false;
  }
}

function isAbandoned() {
  try {
    const owner = Number(readFileSync(lockOwnerFile, 'utf8'));
    return owner > 0 && !isAlive(owner);
  } catch {
    return false;
  }
}
