import { createHash } from 'node:crypto';
import type { Change } from '../../channels/catalog/change.ts';
import type { Origin } from '../../channels/event/hub-event.ts';
import type { CommitBatch, DeadLetter, PartialMessage } from '../../channels/ports/catalog-store.ts';
import type { NativeMessage } from '../../channels/ports/connector-source.ts';
import type { MessagePart } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Connector } from './connector.ts';
import type { DocumentFold } from './fold.ts';

/** What became of one message of a batch. */
export type MessageOutcome =
  | { readonly result: 'accepted' | 'unchanged' | 'duplicate' | 'part' }
  | { readonly result: 'rejected'; readonly error: HubError; readonly deadLetter: string };

/** A native message and where it came from. */
export interface Incoming {
  readonly message: NativeMessage;
  readonly origin: Origin;
}

/** What its format made of it. */
export type ReadMessage =
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
  | { readonly kind: 'part'; readonly part: MessagePart }
  | { readonly kind: 'error'; readonly error: HubError };

/** Progress that a commit makes, with what it expects. */
export type Position = CommitBatch['positions'][number];

/** A split message that would not fit in memory or in a stored document is refused. */
const maxPartialBytes = 12 * 1024 * 1024;

/** Never throws: a fault is a result too. */
export function readMessage(connector: Connector, incoming: Incoming): ReadMessage {
  try {
    return connector.format.normalise(incoming.message, incoming.origin, connector.profile);
  } catch (error) {
    return { kind: 'error', error: HubError.from(error) };
  }
}

/** Key under which the parts of a split message are kept. */
export function partialId(connector: Connector, part: MessagePart): string {
  return `${connector.profile.id}|${part.messageId}`;
}

function deadLetterId(connector: Connector, { message, origin }: Incoming): string {
  const place =
    origin.transport === 'kafka'
      ? `${origin.topic}|${origin.partition}|${origin.offset}`
      : Buffer.from(message.value ?? []).toString('base64');
  return createHash('sha256').update(`${connector.profile.id}|${place}`).digest('base64url').slice(0, 22);
}

/** One attempt to take a batch in. */
export class BatchFold {
  readonly outcomes: MessageOutcome[] = [];
  readonly #connector: Connector;
  readonly #fold: DocumentFold;
  readonly #nowIso: string;
  readonly #partials: Map<string, PartialMessage>;
  readonly #partialVersions: ReadonlyMap<string, number>;
  readonly #completed = new Set<string>();
  readonly #deadLetters: DeadLetter[] = [];
  readonly #messageIds = new Set<string>();

  constructor(options: {
    connector: Connector;
    fold: DocumentFold;
    nowIso: string;
    partials: ReadonlyMap<string, PartialMessage>;
  }) {
    this.#connector = options.connector;
    this.#fold = options.fold;
    this.#nowIso = options.nowIso;
    this.#partials = new Map(options.partials);
    this.#partialVersions = new Map([...options.partials].map(([id, partial]) => [id, partial.version]));
  }

  /** `known`: ids of messages taken in before; undefined when the position already guards against that. */
  add(incoming: Incoming, message: ReadMessage, known: ReadonlySet<string> | undefined): void {
    try {
      this.outcomes.push(this.#outcome(incoming, message, known));
    } catch (thrown) {
      this.outcomes.push(this.#reject(incoming, HubError.from(thrown)));
    }
  }

  batch(positions: readonly Position[], messageIdsExpireAtMs: number): CommitBatch {
    const touched = [...this.#partials].filter(
      ([id, partial]) => partial.version !== (this.#partialVersions.get(id) ?? 0) && !this.#completed.has(id),
    );
    return {
      documents: this.#fold.documents,
      outbox: this.#fold.events,
      positions,
      messageIds: [...this.#messageIds].map((id) => ({
        connector: this.#connector.profile.id,
        id,
        expiresAtMs: messageIdsExpireAtMs,
      })),
      deadLetters: this.#deadLetters,
      partials: touched.map(([id, partial]) => ({ partial, expectedVersion: this.#partialVersions.get(id) ?? 0 })),
      completedPartials: [...this.#completed]
        .filter((id) => this.#partialVersions.has(id))
        .map((id) => ({ id, expectedVersion: this.#partialVersions.get(id) ?? 0 })),
    };
  }

  #outcome(incoming: Incoming, message: ReadMessage, known: ReadonlySet<string> | undefined): MessageOutcome {
    if (message.kind === 'error') throw message.error;
    if (message.kind === 'part') return this.#takePart(incoming, message.part);
    const id = message.changes[0]?.messageId;
    if (known !== undefined && id !== undefined) {
      if (known.has(id) || this.#messageIds.has(id)) return { result: 'duplicate' };
    }
    const events = this.#fold.apply(message.changes);
    if (known !== undefined && id !== undefined) this.#messageIds.add(id);
    return { result: events > 0 ? 'accepted' : 'unchanged' };
  }

  #takePart(incoming: Incoming, part: MessagePart): MessageOutcome {
    const id = partialId(this.#connector, part);
    // a part that comes twice must not begin a second whole that never completes
    if (this.#completed.has(id)) return { result: 'duplicate' };
    const held = this.#partials.get(id);
    const parts: Record<string, string> = { ...held?.parts, [part.index]: part.text };
    if (Object.values(parts).reduce((sum, text) => sum + text.length, 0) > maxPartialBytes) {
      throw new HubError(
        'message-too-large',
        `split message ${part.messageId}: more than ${maxPartialBytes} bytes in all`,
      );
    }
    const { id: connector, tenant } = this.#connector.profile;
    const partial: PartialMessage = {
      id,
      connector,
      tenant,
      version: (held?.version ?? 0) + 1,
      count: part.count,
      parts,
      firstAt: held?.firstAt ?? this.#nowIso,
    };
    this.#partials.set(id, partial);
    if (Object.keys(parts).length < part.count) return { result: 'part' };
    this.#completed.add(id);
    return this.#takeWhole(incoming, part, parts);
  }

  #takeWhole(incoming: Incoming, part: MessagePart, parts: Readonly<Record<string, string>>): MessageOutcome {
    const texts = Array.from({ length: part.count }, (_, index) => parts[index] ?? '');
    // what cannot be taken in is set aside whole, so that it can be retried without its parts
    let whole: Incoming = { ...incoming, message: { ...incoming.message, value: Buffer.from(texts.join('')) } };
    try {
      whole = { ...incoming, message: { ...incoming.message, value: part.join(texts) } };
      const message = readMessage(this.#connector, whole);
      if (message.kind === 'part')
        throw new HubError('invalid-message', `split message ${part.messageId}: its whole is a part again`);
      if (message.kind === 'error') throw message.error;
      return { result: this.#fold.apply(message.changes) > 0 ? 'accepted' : 'unchanged' };
    } catch (thrown) {
      return this.#reject(whole, HubError.from(thrown));
    }
  }

  #reject(incoming: Incoming, error: HubError): MessageOutcome {
    const { message, origin } = incoming;
    const id = deadLetterId(this.#connector, incoming);
    this.#deadLetters.push({
      id,
      tenant: this.#connector.profile.tenant,
      connector: this.#connector.profile.id,
      code: error.code,
      reason: error.message,
      at: this.#nowIso,
      origin: {
        transport: origin.transport,
        ...(origin.topic === undefined
          ? {}
          : { topic: origin.topic, partition: origin.partition ?? 0, offset: origin.offset ?? 0 }),
      },
      headers: message.headers,
      bytes: message.value === null ? null : Buffer.from(message.value).toString('base64'),
      attempts: 1,
    });
    return { result: 'rejected', error, deadLetter: id };
  }
}
