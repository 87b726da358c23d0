import { createHash } from 'node:crypto';
import type { CatalogStore } from '../../channels/ports/catalog-store.ts';
import type { PartialMessage } from '../../channels/ports/intake-store.ts';
import type { MessagePart } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Connector } from './connector.ts';
import { type IncomingMessage, type ReadMessage, readMessage } from './read-message.ts';

/** A source chooses the ids of its split messages; longer ones would be no keys of a store. */
const maxPlainIdBytes = 200;

/** A split message of which all parts have come. */
export interface Whole {
  /** Joined; as the parts are where they cannot be joined. */
  readonly incoming: IncomingMessage;
  readonly message: ReadMessage;
}

type Parts = Readonly<Record<string, string>>;

/** Key under which the parts of a split message are kept. */
export function partialId(connector: Connector, { messageId }: MessagePart): string {
  const isPlain = Buffer.byteLength(messageId) <= maxPlainIdBytes;
  const id = isPlain ? messageId : `sha256:${createHash('sha256').update(messageId).digest('base64url')}`;
  return `${connector.profile.id}|${id}`;
}

/** What is stored of the split messages to which parts have come. */
export async function partialsOf(
  store: Pick<CatalogStore, 'partialsOf'>,
  connector: Connector,
  messages: readonly ReadMessage[],
): Promise<ReadonlyMap<string, PartialMessage>> {
  const ids = new Set(
    messages.flatMap((message) => (message.kind === 'part' ? [partialId(connector, message.part)] : [])),
  );
  const found = ids.size === 0 ? [] : await store.partialsOf([...ids]);
  return new Map(found.flatMap((partial) => (partial === undefined ? [] : [[partial.id, partial]])));
}

/** The message with the parts as they came, one behind the other: kept where the whole is larger than what may be kept. */
export function unjoined(incoming: IncomingMessage, { count }: MessagePart, parts: Parts): IncomingMessage {
  const texts = Array.from({ length: count }, (_, index) => parts[index] ?? '');
  return { ...incoming, message: { ...incoming.message, value: Buffer.from(texts.join('')) } };
}

/** Joins and reads. Never throws: a fault is a result too. */
export function wholeOf(connector: Connector, incoming: IncomingMessage, part: MessagePart, parts: Parts): Whole {
  try {
    const value = part.join(Array.from({ length: part.count }, (_, index) => parts[index] ?? ''));
    const joined = { ...incoming, message: { ...incoming.message, value } };
    const message = readMessage(connector, joined);
    if (message.kind !== 'part') return { incoming: joined, message };
    const error = new HubError(
      'invalid-message',
      `split message ${part.messageId}: the joined message is a part again`,
    );
    return { incoming: joined, message: { kind: 'error', error } };
  } catch (error) {
    return { incoming: unjoined(incoming, part, parts), message: { kind: 'error', error: HubError.from(error) } };
  }
}

/** By the index of the part with which it is complete, each split message that a batch completes. */
export function wholesOf(
  connector: Connector,
  incoming: readonly IncomingMessage[],
  messages: readonly ReadMessage[],
  partials: ReadonlyMap<string, PartialMessage>,
): ReadonlyMap<number, Whole> {
  const wholes = new Map<number, Whole>();
  const gathered = new Map<string, Record<string, string>>();
  for (const [index, each] of incoming.entries()) {
    const message = messages[index];
    if (message?.kind !== 'part') continue;
    const { part } = message;
    const id = partialId(connector, part);
    const parts = gathered.get(id) ?? { ...partials.get(id)?.parts };
    const wasComplete = Object.keys(parts).length >= part.count;
    gathered.set(id, Object.assign(parts, { [part.index]: part.text }));
    if (!wasComplete && Object.keys(parts).length >= part.count)
      wholes.set(index, wholeOf(connector, each, part, parts));
  }
  return wholes;
}
