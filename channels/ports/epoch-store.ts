/** One epoch of the log: a sequence of its own, with offsets of its own. */
export interface LogEpoch {
  readonly epoch: string;
  /** Fixed for the epoch. */
  readonly partitionCount: number;
  /** Where its log is, in words that are the same for all processes that have it right. */
  readonly place: string;
  /** The epoch before; undefined for the first. */
  readonly after: string | undefined;
  /** The log of the epoch before was lost: whoever has not read it cannot any more. */
  readonly lost: boolean;
}

/** The epoch that a process would begin, as in {@link LogEpoch}, but for its name: the store gives that. */
export interface EpochWish {
  /** The epoch that was in force when the wish arose; undefined: none yet. */
  readonly after: string | undefined;
  readonly partitionCount: number;
  readonly place: string;
  readonly lost: boolean;
  /**
   * Makes the log of the epoch, before anybody hears of it. False: a log of that name cannot be used, another name is
   * tried. Several processes may prepare the same epoch at once.
   */
  readonly prepare: (epoch: LogEpoch) => Promise<boolean>;
}

/**
 * Which epoch is in force, agreed between all processes of a deployment.
 *
 * - Epochs follow one another in one order that everybody sees.
 * - `begin` is a compare-and-set: of several processes that wish to follow the same epoch one wins.
 * - Reads see every `begin` that resolved before they started.
 * - Every method rejects with `storage-unavailable` when the store cannot be reached.
 */
export interface EpochStore {
  /** Undefined before the first. */
  read(): Promise<LogEpoch | undefined>;
  /**
   * Epochs that have begun since, oldest first; none while `epoch` is in force. Where nothing leads from `epoch` to the
   * one in force (the store was set back), only that one.
   */
  since(epoch: string): Promise<readonly LogEpoch[]>;
  /** Resolves with the epoch in force afterwards, whoever began it. Rejects with what `prepare` threw. */
  begin(wish: EpochWish): Promise<LogEpoch>;
}
