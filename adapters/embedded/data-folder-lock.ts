/*
 * One data folder, one process: the tails keep what is flushed in memory, so a second writer would be invisible to them.
 * Node has no flock, so the lock is a file that names its holder. A bare pid is not enough: pids are reused, and in
 * containers every process is pid 1. So the file also names the boot, the pid namespace and the start time of the
 * holder. Where neither can see the other's processes (two containers, or two machines, that share a folder) the age of
 * the file decides, which the holder touches every second.
 *
 * A holder that was frozen looks dead then, and may wake up behind its successor. So the file alone does not give the right
 * to write: see folder-fence.ts.
 */
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  linkSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../channels/base/thrown.ts';
import { isJsonObject } from '../../channels/event/json.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { fileMode } from './private-files.ts';

const fileName = 'hub.lock';
const foreignStaleAfterMs = 5000;

interface Holder {
  readonly pid: number;
  /** Boot and pid namespace; empty where the system does not tell. */
  readonly machine: string;
  readonly startTicks: string;
  readonly token: string;
}

/** Held until `release`, or until another process has taken it over. */
export interface DataFolderLock {
  /** Of this holder and no other. */
  readonly token: string;
  /** To be called every second. False when another process holds the folder. */
  touch(): boolean;
  release(): void;
}

function read(read_: () => string): string {
  try {
    return read_();
  } catch {
    return '';
  }
}

function machine(): string {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  return boot === '' ? '' : `${boot} ${read(() => readlinkSync('/proc/self/ns/pid'))}`;
}

/** Field 22 of /proc/<pid>/stat, counted after the command name, which may hold spaces and brackets. */
function startTicks(pid: number): string {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** What a file does not say is said of no process that runs. */
function said(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown';
}

function parse(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return undefined;
    const { pid, machine: where, startTicks: ticks, token } = value;
    if (typeof pid !== 'number') return undefined;
    return { pid, machine: said(where), startTicks: said(ticks), token: said(token) };
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder, ageMs: number): boolean {
  const here = machine();
  if (holder.machine === here) return isRunning(holder.pid) && startTicks(holder.pid) === holder.startTicks;
  // a clock that was set back makes the file of a dead holder look as if it came from the future
  return Math.abs(ageMs) < foreignStaleAfterMs;
}

/** The process that holds the folder, or held it and died; undefined if none. Does not take the lock. */
export function dataFolderHolder(folder: string): { readonly pid: number; readonly alive: boolean } | undefined {
  const path = join(folder, fileName);
  const holder = parse(read(() => readFileSync(path, 'utf8')));
  if (holder === undefined) return undefined;
  const ageMs = Date.now() - Number(read(() => String(statSync(path).mtimeMs)));
  return { pid: holder.pid, alive: isAlive(holder, ageMs) };
}

function locked(folder: string, pid: number | string): HubError {
  return new HubError(
    'storage-locked',
    `data folder ${folder} is used by process ${pid}; stop it, or give this hub its own PURSIGHT_DATA_DIR, or use cluster mode`,
  );
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead holder's file away; if a living process replaced it in between, that one gets it back. */
function removeStale(folder: string, path: string, judged: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = readFileSync(aside, 'utf8');
  if (moved !== judged) {
    tryLink(aside, path);
    unlinkSync(aside);
    throw locked(folder, parse(moved)?.pid ?? 'unknown');
  }
  unlinkSync(aside);
}

function acquire(folder: string, path: string, own: string): void {
  for (let attempt = 0; attempt < 3; attempt++) {
    if (tryLink(own, path)) return;
    const text = read(() => readFileSync(path, 'utf8'));
    const holder = parse(text);
    const ageMs = Date.now() - Number(read(() => String(statSync(path).mtimeMs)));
    if (holder !== undefined && isAlive(holder, ageMs)) throw locked(folder, holder.pid);
    removeStale(folder, path, text);
  }
  throw locked(folder, 'unknown');
}

/**
 * Takes the folder for this process. A lock whose holder is dead is taken over.
 * @throws storage-locked with the pid of the living holder
 */
export function lockDataFolder(folder: string): DataFolderLock {
  const path = join(folder, fileName);
  const token = randomUUID();
  const own = `${path}.${token}`;
  const holder: Holder = { pid: process.pid, machine: machine(), startTicks: startTicks(process.pid), token };
  writeFileSync(own, JSON.stringify(holder), { flag: 'wx', mode: fileMode });
  try {
    acquire(folder, path, own);
  } finally {
    unlinkSync(own);
  }
  const heldBy = (): string | undefined => parse(read(() => readFileSync(path, 'utf8')))?.token;
  return {
    token,
    touch() {
      if (heldBy() !== token) return !existsSync(path);
      read(() => String(utimesSync(path, new Date(), new Date())));
      return true;
    },
    release() {
      if (heldBy() === token) unlinkSync(path);
    },
  };
}
