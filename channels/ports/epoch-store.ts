/** One epoch of the log: a separate sequence with its own offsets. */
export interface LogEpoch {
  readonly epoch: string;
  /** Fixed for the epoch. */
  readonly partitionCount: number;
  /** Location of its log, the same for all correctly configured processes. */
  readonly place: string;
  /** The previous epoch; undefined for the first. */
  readonly after: string | undefined;
  /** The log of the previous epoch was lost: what was not read cannot be read any more. */
  readonly lost: boolean;
}

/** The epoch that a process would begin, as in {@link LogEpoch}, but for its name: the store gives that. */
export interface EpochWish {
  /** The epoch that was current when the request was made; undefined: none yet. */
  readonly after: string | undefined;
  readonly partitionCount: number;
  readonly place: string;
  readonly lost: boolean;
  /**
   * Creates the log of the epoch, before it is announced. False: a log of that name cannot be used, another name is
   * tried. Several processes may prepare the same epoch at once.
   */
  readonly prepare: (epoch: LogEpoch) => Promise<boolean>;
}

/**
 * The current epoch, agreed between all processes of a deployment.
 *
 * - Epochs follow one another in one order, the same for all processes.
 * - `begin` is a compare-and-set: of several processes that begin a successor of the same epoch one wins.
 * - Reads see every `begin` that resolved before they started.
 * - Every method rejects with `storage-unavailable` when the store cannot be reached.
 */
export interface EpochStore {
  /** Undefined before the first. */
  read(): Promise<LogEpoch | undefined>;
  /**
   * Epochs that have begun since, oldest first; none while `epoch` is current. If no chain leads from `epoch` to the
   * current one (the store was restored from a backup), only the current one.
   */
  since(epoch: string): Promise<readonly LogEpoch[]>;
  /** Resolves with the epoch that is current afterwards, also if another process began it. Rejects with what `prepare` threw. */
  begin(wish: EpochWish): Promise<LogEpoch>;
}
