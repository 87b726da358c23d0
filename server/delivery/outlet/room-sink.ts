/**
 * Where rooms hand over what is for their members. Nothing in front of it knows what kind of connection a member has: a
 * sink for another kind than sockets is told the same.
 */
export interface RoomSink {
  /** Texts of wire events, in the order in which the room gets them; at least one. They are shared: not to be changed. */
  events(room: string, texts: readonly string[]): void;
  /** Events of the room that come next in the log could not be made: what its members hold may be out of date. */
  stale(room: string): void;
}
