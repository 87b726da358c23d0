import { HubError } from '../../channels/protocol/hub-error.ts';

/** Any error of kafkajs as the hub's own; a HubError stays what it is. */
export function toHubError(what: string, thrown: unknown): HubError {
  if (thrown instanceof HubError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new HubError('storage-unavailable', 'the log cannot be reached; nothing is lost, retry later', {
    cause: thrown,
    operatorMessage: `Kafka: ${what} failed: ${reason}`,
  });
}

/** Runs a piece of work and translates what it throws. */
export async function translating<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toHubError(what, error);
  }
}

const tooLarge: ReadonlySet<unknown> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** True when a broker refused a request because a record or batch is above the limit of the topic. */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('type' in error && tooLarge.has(error.type)) || isTooLarge(error.cause);
}
