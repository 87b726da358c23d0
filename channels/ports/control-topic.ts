/** Follows the control topic of one process. */
export interface ControlFollower {
  /** Resolves when everything appended before the call has been delivered. @throws storage-unavailable */
  drained(): Promise<void>;
  close(): Promise<void>;
}

/** What a follower is told. An `onRecord` that throws is told as a fault and keeps no later record from coming. */
export interface FollowOptions {
  /** One record, in the order of the topic; at least once. */
  readonly onRecord: (text: string) => void;
  /** Records are missing (the topic was recreated): reload what is stored. */
  readonly onLost: () => void;
  readonly onFault: (error: Error) => void;
}

/**
 * The control log: one partition next to the event log, from which every node learns what was stored, also without
 * the control bus. It is not a store: a follower starts at its end, and then reads what is stored.
 */
export interface ControlTopic {
  /** Durable when it resolves. @throws storage-unavailable */
  append(text: string): Promise<void>;
  /** Resolves once no record appended from now on can be missed. @throws storage-unavailable */
  follow(options: FollowOptions): Promise<ControlFollower>;
  close(): Promise<void>;
}
