import { closeSync, existsSync, openSync, readFileSync, readSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { fileMode } from './private-files.ts';

const dataName = 'data.mdb';
const sizeName = 'data.size';

/*
 * The layout of LMDB's two meta pages, of which the newer counts (mdb.c: MDB_page_header, MDB_meta, MDB_db).
 */
const headerBytes = 24;
const magic = 0xbeefc0de;
const [pageSizeAt, mainRootAt, txnidAt] = [headerBytes + 24, headerBytes + 112, headerBytes + 128] as const;
const metaBytes = headerBytes + 144;
/** The root of an empty tree. */
const noPage = 0xffff_ffff_ffff_ffffn;

interface Meta {
  readonly txnid: bigint;
  readonly mainRoot: bigint;
  readonly pageBytes: number;
}

function metaAt(file: number, position: number): Meta | undefined {
  const bytes = Buffer.alloc(metaBytes);
  if (readSync(file, bytes, 0, metaBytes, position) < metaBytes || bytes.readUInt32LE(headerBytes) !== magic)
    return undefined;
  return {
    txnid: bytes.readBigUInt64LE(txnidAt),
    mainRoot: bytes.readBigUInt64LE(mainRootAt),
    pageBytes: bytes.readUInt32LE(pageSizeAt),
  };
}

/** What is wrong with the file as LMDB left it, by its own words; undefined: nothing that these say. */
function metaFault(path: string, size: number): string | undefined {
  const file = openSync(path, 'r');
  try {
    const first = metaAt(file, 0);
    if (first === undefined) return 'is not a data file of a hub';
    const second = metaAt(file, first.pageBytes);
    if (second === undefined) return 'has lost its start';
    const newer = second.txnid > first.txnid ? second : first;
    const needed = newer.mainRoot === noPage ? 0n : (newer.mainRoot + 1n) * BigInt(first.pageBytes);
    return needed > BigInt(size) ? `has ${size} bytes, but its root is at ${needed}` : undefined;
  } finally {
    closeSync(file);
  }
}

function recordedSize(folder: string): number {
  try {
    return Number(readFileSync(join(folder, sizeName), 'utf8'));
  } catch {
    return 0;
  }
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

/**
 * What is wrong with the data file of a folder; undefined for nothing, or no data yet. LMDB maps the file and does not
 * look at its length: it would read beyond the end of one that was cut, which ends the process without a word, and take
 * one that was emptied for new. The file never shrinks, so it must be as long as it was known to be.
 */
export function dataFileFault(folder: string): string | undefined {
  const path = join(folder, dataName);
  const [size, recorded] = [sizeOf(path), recordedSize(folder)];
  const fault =
    size < recorded ? `has ${size} bytes, but had ${recorded}` : size === 0 ? undefined : metaFault(path, size);
  return fault === undefined ? undefined : `${path} ${fault}`;
}

/** @throws storage-damaged */
export function assertWholeDataFile(folder: string): void {
  const fault = dataFileFault(folder);
  if (fault === undefined) return;
  throw new HubError(
    'storage-damaged',
    `${fault}: it was truncated or overwritten; restore ${folder} from a backup, or move it away to start with an empty catalog`,
  );
}

/** Remembers how long the file is by now, unless the disk is full: then it has not grown either. */
export function recordDataFileSize(folder: string): void {
  const path = join(folder, sizeName);
  try {
    const size = sizeOf(join(folder, dataName));
    if (size <= recordedSize(folder)) return;
    writeFileSync(`${path}.new`, String(size), { mode: fileMode });
    renameSync(`${path}.new`, path);
  } catch {
    // the next time
  }
}
