import { type Database, type DatabaseOptions, open, type RootDatabase } from 'lmdb';
import { asError } from '../../channels/base/thrown.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { assertWholeDataFile, recordDataFileSize } from './data-file.ts';
import { type DataFolderLock, lockDataFolder } from './data-folder-lock.ts';
import { FolderFence, lostTo } from './folder-fence.ts';
import { fromLmdbError } from './from-lmdb-error.ts';
import { makePrivate } from './private-files.ts';
import { aloneTurns } from './alone-turns.ts';

export type Table<Value> = Database<Value, string>;

const maxTables = 64;
/** A key fits four times in a page; urns of 1024 characters may take 3 KiB in UTF-8. */
const pageBytes = 8192;
const maxKeyBytes = 3900;
/** lmdb logs a failed fsync but leaves its promise open for ever; nothing honest takes this long. */
const flushDeadlineMs = 30_000;
const closeDeadlineMs = 5000;
const recordSizeEveryMs = 10_000;
const touchEveryMs = 1000;

function orAfter(done: Promise<void>, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(resolve, timeoutMs);
    done.then(resolve, reject).finally(() => clearTimeout(deadline));
  });
}

/** One LMDB environment in one folder, shared by everything that the embedded mode stores. */
export interface EmbeddedEnvironment {
  readonly folder: string;
  /** Who reads for long asks for them. */
  readonly turns: Turns;
  /** Longest key in bytes of UTF-8, with room for the encoding. */
  readonly maxKeyBytes: number;
  /** A named table; the same name always gives the same data. */
  table<Value>(name: string, options: Pick<DatabaseOptions, 'encoding' | 'useVersions'>): Table<Value>;
  /** Runs a read; it sees everything that was committed before. @throws storage-unavailable */
  read<Result>(work: () => Result): Promise<Result>;
  /**
   * Runs `work` inside the write transaction and resolves when what it wrote is on the disk. Reads in `work` see its
   * own writes. `work` is synchronous and must do everything that can throw before its first write.
   * @throws storage-unavailable when the disk is full or broken; nothing is written then
   */
  transact<Result>(work: () => Result): Promise<Result>;
  /** Resolves when everything committed so far is on the disk. */
  flushed(): Promise<void>;
  /** Waits for running transactions and gives the folder free. Close what uses the environment first. */
  close(): Promise<void>;
}

class LmdbEnvironment implements EmbeddedEnvironment {
  readonly folder: string;
  readonly turns: Turns;
  readonly maxKeyBytes = maxKeyBytes;
  readonly #root: RootDatabase<string, string>;
  readonly #lock: DataFolderLock;
  readonly #fence: FolderFence;
  readonly #recording: NodeJS.Timeout;
  readonly #touching: NodeJS.Timeout;
  #lost: HubError | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    { folder, turns }: Pick<EmbeddedEnvironment, 'folder' | 'turns'>,
    root: RootDatabase<string, string>,
    lock: DataFolderLock,
    fence: FolderFence,
    onLost: (error: HubError) => void,
  ) {
    this.folder = folder;
    this.turns = turns;
    this.#root = root;
    this.#lock = lock;
    this.#fence = fence;
    this.#touching = setInterval(() => this.#touch(onLost), touchEveryMs).unref();
    recordDataFileSize(folder);
    this.#recording = setInterval(() => recordDataFileSize(folder), recordSizeEveryMs).unref();
  }

  table<Value>(name: string, options: Pick<DatabaseOptions, 'encoding' | 'useVersions'>): Table<Value> {
    this.#assertOpen();
    return this.#root.openDB<Value, string>({ name, ...options });
  }

  async read<Result>(work: () => Result): Promise<Result> {
    this.#assertOpen();
    try {
      return work();
    } catch (error) {
      throw await fromLmdbError(error, this.folder);
    }
  }

  async transact<Result>(work: () => Result): Promise<Result> {
    this.#assertOpen();
    try {
      const committed = this.#root.transaction(() => {
        this.#fence.assertOwn();
        return work();
      });
      // Asked for now: later it would be the flush of a later transaction, which is never told when that one fails.
      const flushed = this.flushed();
      flushed.catch(() => undefined);
      const result = await committed;
      await flushed;
      return result;
    } catch (error) {
      throw await fromLmdbError(error, this.folder);
    }
  }

  flushed(): Promise<void> {
    const late = new HubError(
      'storage-unavailable',
      `data folder ${this.folder}: a write was not flushed within ${flushDeadlineMs} ms`,
    );
    return new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => reject(late), flushDeadlineMs);
      deadline.unref();
      const settle = (done: () => void) => {
        clearTimeout(deadline);
        done();
      };
      void this.#root.flushed.then(
        () => settle(resolve),
        (error: unknown) => settle(() => reject(asError(error))),
      );
    });
  }

  close(): Promise<void> {
    // After a failed commit lmdb waits for a flush that never comes; nothing is lost then, because nobody was told `ok`.
    this.#closing ??= orAfter(this.#root.close(), closeDeadlineMs).finally(() => this.#closed());
    return this.#closing;
  }

  #touch(onLost: (error: HubError) => void): void {
    if (this.#lost !== undefined || (this.#lock.touch() && this.#isOwn())) return;
    this.#lost = lostTo(this.folder);
    onLost(this.#lost);
  }

  /** Whoever closes reads no more, and what cannot be read just now is not lost: each commit looks again. */
  #isOwn(): boolean {
    if (this.#closing !== undefined) return true;
    try {
      return this.#fence.isOwn;
    } catch {
      return true;
    }
  }

  #closed(): void {
    clearInterval(this.#touching);
    clearInterval(this.#recording);
    recordDataFileSize(this.folder);
    this.#lock.release();
  }

  #assertOpen(): void {
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#closing !== undefined) throw new HubError('storage-unavailable', `data folder ${this.folder} is closed`);
  }
}

export interface EmbeddedEnvironmentOptions {
  readonly folder: string;
  /** @default everybody has a turn at once */
  readonly turns?: Turns;
  /**
   * Another process has taken the folder over while this one was frozen; everything rejects with storage-locked from
   * then on. @default throws, from a timer: the process ends
   */
  readonly onLost?: (error: HubError) => void;
}

/**
 * Opens (and creates) the data folder. A test gives a temporary folder.
 * @throws storage-locked when another process has it open; storage-damaged when its data file was cut or overwritten;
 * storage-unavailable when it cannot be read or written
 */
export async function createEmbeddedEnvironment({
  folder,
  turns = aloneTurns,
  onLost = (error) => {
    throw error;
  },
}: EmbeddedEnvironmentOptions): Promise<EmbeddedEnvironment> {
  let lock: DataFolderLock | undefined;
  try {
    makePrivate(folder);
    lock = lockDataFolder(folder);
    assertWholeDataFile(folder);
    const root = open<string, string>({
      path: folder,
      noSubdir: false,
      maxDbs: maxTables,
      pageSize: pageBytes,
      encoding: 'string',
      // Every write is in a transaction of its own; lmdb's own batches would add a promise that nobody can catch.
      eventTurnBatching: false,
    });
    // LMDB makes its files for all to read; nobody gets at them in this folder meanwhile
    makePrivate(folder);
    const fence = new FolderFence(folder, root, lock.token);
    await fence.take();
    return new LmdbEnvironment({ folder, turns }, root, lock, fence, onLost);
  } catch (error) {
    lock?.release();
    throw await fromLmdbError(error, folder);
  }
}
