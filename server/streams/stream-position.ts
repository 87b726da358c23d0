/** Where a stream stands: a cursor, and the handle of each of its subscriptions, in their order. */
export interface StreamPosition {
  readonly cursor: string;
  /** Empty for a subscription that has none. */
  readonly handles: readonly string[];
}

/** Does not occur in sealed texts. */
const separator = '~';

export function positionText({ cursor, handles }: StreamPosition): string {
  return [cursor, ...handles].join(separator);
}

/** Whatever a client sends: what is not sealed by a hub is found out when it is opened. */
export function parsePosition(text: string): StreamPosition {
  const [cursor = '', ...handles] = text.split(separator);
  return { cursor, handles };
}
