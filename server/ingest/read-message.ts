import type { Change } from '../../channels/catalog/change.ts';
import type { Origin } from '../../channels/event/hub-event.ts';
import type { NativeMessage, SourceRecord } from '../../channels/ports/connector-source.ts';
import type { MessagePart } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Connector } from './connector.ts';

/** A native message and where it came from. */
export interface IncomingMessage {
  readonly message: NativeMessage & Pick<SourceRecord, 'unreadable'>;
  readonly origin: Origin;
}

/** What its format made of it. */
export type ReadMessage =
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
  | { readonly kind: 'part'; readonly part: MessagePart }
  | { readonly kind: 'error'; readonly error: HubError };

/** Never throws: a fault is a result too. */
export function readMessage(connector: Connector, incoming: IncomingMessage): ReadMessage {
  const { unreadable } = incoming.message;
  if (unreadable !== undefined) return { kind: 'error', error: new HubError('invalid-message', unreadable) };
  try {
    return connector.format.normalise(incoming.message, incoming.origin, connector.profile);
  } catch (error) {
    return { kind: 'error', error: HubError.from(error) };
  }
}
