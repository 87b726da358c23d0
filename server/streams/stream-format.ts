/** How messages of a session are written to a stream. What many members of a room get is made once for each format. */
export interface StreamFormat {
  readonly contentType: string;
  /** Wire events of one room. */
  events(room: string, texts: readonly string[]): string;
  /** A page of a view, of texts of items. */
  snapshot(room: string, page: SnapshotPage): string;
  /** Any other message; empty where the format does not have it. */
  message(event: string, payload: object): string;
  /** Where the stream stands: a client resumes with it. */
  position(position: string): string;
  /** When to come back, for clients that do so by themselves. */
  retry(afterMs: number): string;
  /** Keeps a quiet connection open. */
  readonly heartbeat: string;
}

export interface SnapshotPage {
  readonly id: string;
  readonly page: number;
  readonly items: readonly string[];
  readonly last: boolean;
}

/** A member of a message that is a text; empty where it has none. */
export function textOf(payload: object, name: string): string {
  const value: unknown = Reflect.get(payload, name);
  return typeof value === 'string' ? value : '';
}
