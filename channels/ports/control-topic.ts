/** Follows the control topic of one process. */
export interface ControlFollower {
  /** Resolves when everything that was appended before the call has been handed over. @throws storage-unavailable */
  drained(): Promise<void>;
  close(): Promise<void>;
}

/** What a follower is told. An `onRecord` that throws is told as a fault and keeps no later record from coming. */
export interface FollowOptions {
  /** One record, in the order of the topic; at least once. */
  readonly onRecord: (text: string) => void;
  /** Records are missing (the topic was made anew): read again what is stored. */
  readonly onLost: () => void;
  readonly onFault: (error: Error) => void;
}

/**
 * The order of control: one partition beside the event log, by which every node hears what was stored, also without
 * the control bus. It is no store: who follows begins at its end, and reads what is stored after that.
 */
export interface ControlTopic {
  /** Durable when it resolves. @throws storage-unavailable */
  append(text: string): Promise<void>;
  /** Resolves once nothing that is appended from now on can be missed. @throws storage-unavailable */
  follow(options: FollowOptions): Promise<ControlFollower>;
  close(): Promise<void>;
}
