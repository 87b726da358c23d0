/*
 * The fencing token of the process that may write a data folder, in the data itself. A process that takes over writes its own
 * there, and every commit looks in its own write transaction whether it is still there: of two processes that both believe
 * to hold the folder only the later one can commit, however long the other was frozen and wherever it wakes up.
 */
import type { Database, RootDatabase } from 'lmdb';
import { HubError } from '../../channels/protocol/hub-error.ts';

const holderKey = 'holder';

/** Says what has happened to the folder, and what to do. */
export function lostTo(folder: string): HubError {
  return new HubError(
    'storage-locked',
    `data folder ${folder} was taken over by another process while this one was frozen; this one stops: give each hub its own PURSIGHT_DATA_DIR`,
  );
}

export class FolderFence {
  readonly #folder: string;
  readonly #root: RootDatabase<string, string>;
  readonly #table: Database<string, string>;
  readonly #token: string;

  constructor(folder: string, root: RootDatabase<string, string>, token: string) {
    this.#folder = folder;
    this.#root = root;
    this.#table = root.openDB<string, string>({ name: 'fence', encoding: 'string' });
    this.#token = token;
  }

  /** From here on no other process can commit. */
  async take(): Promise<void> {
    await this.#root.transaction(() => void this.#table.put(holderKey, this.#token));
    await this.#root.flushed;
  }

  get isOwn(): boolean {
    return this.#table.get(holderKey) === this.#token;
  }

  /** In a write transaction, before the first write. @throws storage-locked */
  assertOwn(): void {
    if (!this.isOwn) throw lostTo(this.#folder);
  }
}
