import type { ConnectorSource } from '../../channels/ports/connector-source.ts';
import type { ErrorCode } from '../../channels/protocol/error-code.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { documentKey } from '../../channels/catalog/document.ts';
import type { Position } from './batch-fold.ts';
import type { IncomingMessage, ReadMessage } from './read-message.ts';
import { partialId } from './split-messages.ts';
import type { Connector } from './connector.ts';
import type { LetterBounds } from './dead-letter.ts';

/**
 * Codes of errors that are not caused by the messages. With any other error one of them is at fault, and repeating the same
 * batch would only repeat it.
 */
const faultsOfTheStore: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'storage-unavailable',
  'storage-locked',
  'storage-damaged',
  'config-invalid',
  'conflict',
]);

/** Another process reads the partition now: this one must ask for the stored position again. */
export class PositionMovedError extends Error {
  override readonly name = 'PositionMovedError';
}

/** One batch on its way into the store. */
export interface IntakeBatch {
  readonly connector: Connector;
  readonly incoming: readonly IncomingMessage[];
  readonly messages: readonly ReadMessage[];
  readonly position: Position | undefined;
  /** Ids of messages are looked up and remembered. */
  readonly remember: boolean;
  readonly bounds?: LetterBounds;
  readonly setAside?: boolean;
  readonly markOf?: ConnectorSource['markOf'];
}

/** One of the messages of the batch is at fault. */
export function isOfMessages(thrown: unknown): boolean {
  return !(thrown instanceof PositionMovedError) && !faultsOfTheStore.has(HubError.from(thrown).code);
}

/** What the batch changes, with the split messages that it has parts of. */
export function entitiesOf({ connector, messages }: IntakeBatch): ReadonlySet<string> {
  return new Set(
    messages.flatMap((message) => {
      if (message.kind === 'part') return [`part|${partialId(connector, message.part)}`];
      return message.kind === 'error' ? [] : message.changes.map(({ tenant, urn }) => documentKey(tenant, urn));
    }),
  );
}

function offsetOf(incoming: IncomingMessage | undefined): number {
  return incoming?.origin.offset ?? 0;
}

/** Some of the messages, with the step that they make of the position. */
export function slice(taking: IntakeBatch, start: number, end = taking.incoming.length): IntakeBatch {
  const { incoming, messages, position } = taking;
  const some = incoming.slice(start, end);
  const expected = start === 0 ? position?.expected : offsetOf(incoming[start - 1]) + 1;
  return {
    ...taking,
    incoming: some,
    messages: messages.slice(start, end),
    position:
      position === undefined ? undefined : { ...position, expected: expected ?? null, next: offsetOf(some.at(-1)) + 1 },
  };
}

/** The step of the position, with the mark of the last record. */
export function positionsOf({ position, incoming, markOf }: IntakeBatch): readonly Position[] {
  if (position === undefined) return [];
  const last = incoming.at(-1);
  if (markOf === undefined || last === undefined) return [position];
  return [{ ...position, mark: markOf({ ...last.message, offset: offsetOf(last) }) }];
}
