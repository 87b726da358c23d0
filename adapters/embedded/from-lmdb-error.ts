import { HubError } from '../../channels/protocol/hub-error.ts';

/** What the file system says when it is full, broken or read-only, as LMDB passes it on (by number or by name). */
const storageFaults =
  /ENOSPC|EDQUOT|EFBIG|EIO|EROFS|EACCES|EPERM|ENOENT|ENOTDIR|EMFILE|ENFILE|MDB_|No space left|File too large|Input\/output error|Read-only file system|Permission denied|Commit failed|database.* closed|[Ee]nvironment is already closed/u;

interface LmdbFault extends Error {
  readonly code?: unknown;
  /** Only here does lmdb say why a commit failed; it settles after the rejection. */
  readonly commitError?: Promise<unknown>;
}

async function reason(fault: LmdbFault): Promise<LmdbFault> {
  try {
    await fault.commitError;
  } catch (cause) {
    if (cause instanceof Error) return cause;
  }
  return fault;
}

/**
 * A fault of the data folder as `storage-unavailable`, with the operating system's own words. Anything else is a bug
 * and comes back as it is.
 */
export async function fromLmdbError(thrown: unknown, folder: string): Promise<unknown> {
  if (thrown instanceof HubError || !(thrown instanceof Error)) return thrown;
  const cause = await reason(thrown);
  const { code } = cause;
  if (typeof code !== 'number' && !storageFaults.test(`${String(code)} ${cause.message}`)) return thrown;
  return new HubError('storage-unavailable', 'the storage of the hub cannot be read or written; retry later', {
    cause,
    operatorMessage: `data folder ${folder}: ${cause.message}; free space or repair the disk, then retry`,
  });
}
