import type { CommitBatch } from '../../channels/ports/document-store.ts';
import type { DeadLetter } from '../../channels/ports/dead-letter-store.ts';
import type { PartialMessage } from '../../channels/ports/intake-store.ts';
import type { MessagePart } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Connector } from './connector.ts';
import { deadLetterOf, type LetterBounds, wholeLetter } from './dead-letter.ts';
import type { DocumentFold } from './fold.ts';
import type { IncomingMessage, ReadMessage } from './read-message.ts';
import { partialId, unjoined, type Whole, wholeOf } from './split-messages.ts';

/** What became of one message of a batch. */
export type MessageOutcome =
  | { readonly result: 'accepted' | 'unchanged' | 'duplicate' | 'part' }
  | { readonly result: 'rejected'; readonly error: HubError; readonly deadLetter: string };

/** Progress that a commit makes, with what it expects. */
export type Position = CommitBatch['positions'][number];

/** What waits of a split message is one stored document, and one dead letter when the rest does not come. */
const maxPartialBytes = 10 * 1024 * 1024;
function jsonBytes(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(JSON.stringify(text));
}

/** One attempt to take a batch in. */
export class BatchFold {
  readonly outcomes: MessageOutcome[] = [];
  readonly #connector: Connector;
  readonly #fold: DocumentFold;
  readonly #nowIso: string;
  readonly #bounds: LetterBounds;
  readonly #setAside: boolean;
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
    /** How much is kept of a message that is rejected. */
    bounds?: LetterBounds;
    /** False: what is rejected is kept somewhere already. */
    setAside?: boolean;
  }) {
    this.#connector = options.connector;
    this.#fold = options.fold;
    this.#nowIso = options.nowIso;
    this.#bounds = options.bounds ?? wholeLetter;
    this.#setAside = options.setAside ?? true;
    this.#partials = new Map(options.partials);
    this.#partialVersions = new Map([...options.partials].map(([id, partial]) => [id, partial.version]));
  }

  /**
   * `known`: ids of messages ingested before; undefined when the position already guards against that. `whole`: of the
   * split message that this part completes.
   */
  add(incoming: IncomingMessage, message: ReadMessage, known: ReadonlySet<string> | undefined, whole?: Whole): void {
    try {
      this.outcomes.push(this.#outcome(incoming, message, known, whole));
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

  #outcome(
    incoming: IncomingMessage,
    message: ReadMessage,
    known: ReadonlySet<string> | undefined,
    whole: Whole | undefined,
  ): MessageOutcome {
    if (message.kind === 'error') throw message.error;
    if (message.kind === 'part') return this.#takePart(incoming, message.part, whole);
    const id = message.changes[0]?.messageId;
    if (known !== undefined && id !== undefined) {
      if (known.has(id) || this.#messageIds.has(id)) return { result: 'duplicate' };
    }
    const events = this.#fold.apply(message.changes);
    if (known !== undefined && id !== undefined) this.#messageIds.add(id);
    return { result: events > 0 ? 'accepted' : 'unchanged' };
  }

  #takePart(incoming: IncomingMessage, part: MessagePart, whole: Whole | undefined): MessageOutcome {
    const id = partialId(this.#connector, part);
    // a part that comes twice must not begin a second whole that never completes
    if (this.#completed.has(id)) return { result: 'duplicate' };
    const held = this.#partials.get(id);
    const parts: Record<string, string> = { ...held?.parts, [part.index]: part.text };
    const bytes = (held?.bytes ?? 0) + jsonBytes(part.text) - jsonBytes(held?.parts[part.index]);
    if (bytes > maxPartialBytes) {
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
      bytes,
      firstAt: held?.firstAt ?? this.#nowIso,
    };
    this.#partials.set(id, partial);
    if (Object.keys(parts).length < part.count) return { result: 'part' };
    this.#completed.add(id);
    const { incoming: joined, message } = whole ?? wholeOf(this.#connector, incoming, part, parts);
    try {
      if (message.kind !== 'changes')
        throw message.kind === 'error' ? message.error : new HubError('internal', 'a part');
      return { result: this.#fold.apply(message.changes) > 0 ? 'accepted' : 'unchanged' };
    } catch (thrown) {
      // kept as a dead letter whole, so that it can be retried without its parts; but rather as it came than cut
      const isLarge = (joined.message.value?.length ?? 0) > this.#bounds.maxValueBytes;
      return this.#reject(isLarge ? unjoined(incoming, part, parts) : joined, HubError.from(thrown));
    }
  }

  #reject(incoming: IncomingMessage, error: HubError): MessageOutcome {
    const letter = deadLetterOf(this.#connector.profile, incoming, { error, at: this.#nowIso, bounds: this.#bounds });
    if (this.#setAside) this.#deadLetters.push(letter);
    return { result: 'rejected', error, deadLetter: letter.id };
  }
}
