/**
 * Takes native messages in: normalise, fold over the stored documents, commit everything of a batch at once, hand the
 * events to the publisher.
 *
 * The naive way writes each change when it comes and remembers the source's offset afterwards: a crash between the two
 * applies a change twice or never. Here documents, events to publish, dead letters, parts of split messages and the
 * source's position change in one transaction, each guarded by what the batch saw, so a batch either happened or did
 * not, whoever else writes at the same time. On a conflict the batch is folded again on the newer documents.
 */
import { createHash } from 'node:crypto';
import type { Change } from '../../channels/catalog/change.ts';
import type { Origin } from '../../channels/event/hub-event.ts';
import type { CatalogStore, CommitBatch, DeadLetter, PartialMessage } from '../../channels/ports/catalog-store.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import type { NativeMessage, SourceRecord } from '../../channels/ports/connector-source.ts';
import type { MessagePart } from '../../channels/ports/message-format.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Connector } from './connector.ts';
import { DocumentFold } from './fold.ts';
import { loadDocuments } from './load-documents.ts';
import type { Publisher } from './publisher.ts';

export interface IntakeOptions {
  readonly store: CatalogStore;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly messageIdWindowMs: number;
}

/** What became of one message of a batch. */
export type MessageOutcome =
  | { readonly result: 'accepted' | 'unchanged' | 'duplicate' | 'part' }
  | { readonly result: 'rejected'; readonly error: HubError; readonly deadLetter: string };

interface Incoming {
  readonly message: NativeMessage;
  readonly origin: Origin;
}

type Read =
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
  | { readonly kind: 'part'; readonly part: MessagePart }
  | { readonly kind: 'error'; readonly error: HubError };

type Position = CommitBatch['positions'][number];

/** Another process reads the partition now: this one must ask for the stored position again. */
export class PositionMovedError extends Error {
  override readonly name = 'PositionMovedError';
}

const maxAttempts = 20;
/** A split message that would not fit in memory or in a stored document is refused. */
const maxPartialBytes = 12 * 1024 * 1024;

function read(connector: Connector, incoming: Incoming): Read {
  try {
    return connector.format.normalise(incoming.message, incoming.origin, connector.profile);
  } catch (error) {
    return { kind: 'error', error: HubError.from(error) };
  }
}

function partialId(connector: Connector, part: MessagePart): string {
  return `${connector.profile.id}|${part.messageId}`;
}

function deadLetterId(connector: Connector, { message, origin }: Incoming): string {
  const place = origin.transport === 'kafka' ? `${origin.topic}|${origin.partition}|${origin.offset}` : Buffer.from(message.value ?? []).toString('base64');
  return createHash('sha256').update(`${connector.profile.id}|${place}`).digest('base64url').slice(0, 22);
}

/** One attempt to take a batch in. */
class BatchFold {
  readonly outcomes: MessageOutcome[] = [];
  readonly #connector: Connector;
  readonly #fold: DocumentFold;
  readonly #nowIso: string;
  readonly #partials: Map<string, PartialMessage>;
  readonly #partialVersions: ReadonlyMap<string, number>;
  readonly #completed = new Set<string>();
  readonly #deadLetters: DeadLetter[] = [];
  readonly #messageIds = new Set<string>();

  constructor(options: { connector: Connector; fold: DocumentFold; nowIso: string; partials: ReadonlyMap<string, PartialMessage> }) {
    this.#connector = options.connector;
    this.#fold = options.fold;
    this.#nowIso = options.nowIso;
    this.#partials = new Map(options.partials);
    this.#partialVersions = new Map([...options.partials].map(([id, partial]) => [id, partial.version]));
  }

  /** `known`: ids of messages taken in before; undefined when the position already guards against that. */
  add(incoming: Incoming, message: Read, known: ReadonlySet<string> | undefined): void {
    try {
      this.outcomes.push(this.#outcome(incoming, message, known));
    } catch (thrown) {
      this.outcomes.push(this.#reject(incoming, HubError.from(thrown)));
    }
  }

  batch(positions: readonly Position[], messageIdsExpireAtMs: number): CommitBatch {
    const touched = [...this.#partials].filter(([id, partial]) => partial.version !== (this.#partialVersions.get(id) ?? 0) && !this.#completed.has(id));
    return {
      documents: this.#fold.documents,
      outbox: this.#fold.events,
      positions,
      messageIds: [...this.#messageIds].map((id) => ({ connector: this.#connector.profile.id, id, expiresAtMs: messageIdsExpireAtMs })),
      deadLetters: this.#deadLetters,
      partials: touched.map(([id, partial]) => ({ partial, expectedVersion: this.#partialVersions.get(id) ?? 0 })),
      completedPartials: [...this.#completed].filter((id) => this.#partialVersions.has(id)).map((id) => ({ id, expectedVersion: this.#partialVersions.get(id) ?? 0 })),
    };
  }

  #outcome(incoming: Incoming, message: Read, known: ReadonlySet<string> | undefined): MessageOutcome {
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
    const held = this.#partials.get(id);
    const parts: Record<string, string> = { ...held?.parts, [part.index]: part.text };
    if (Object.values(parts).reduce((sum, text) => sum + text.length, 0) > maxPartialBytes) {
      throw new HubError('message-too-large', `split message ${part.messageId}: more than ${maxPartialBytes} bytes in all`);
    }
    const { id: connector, tenant } = this.#connector.profile;
    const partial: PartialMessage = { id, connector, tenant, version: (held?.version ?? 0) + 1, count: part.count, parts, firstAt: held?.firstAt ?? this.#nowIso };
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
      const message = read(this.#connector, whole);
      if (message.kind === 'part') throw new HubError('invalid-message', `split message ${part.messageId}: its whole is a part again`);
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
      origin: { transport: origin.transport, ...(origin.topic === undefined ? {} : { topic: origin.topic, partition: origin.partition ?? 0, offset: origin.offset ?? 0 }) },
      headers: message.headers,
      bytes: message.value === null ? null : Buffer.from(message.value).toString('base64'),
      attempts: 1,
    });
    return { result: 'rejected', error, deadLetter: id };
  }
}

export class Intake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /**
   * Records of one partition, ascending. `expected` is the stored position of the partition (null: none).
   * @throws PositionMovedError, HubError storage-unavailable; nothing was taken in then
   */
  async takeRecords(connector: Connector, partition: number, records: readonly SourceRecord[], expected: number | null): Promise<readonly MessageOutcome[]> {
    const last = records.at(-1);
    if (last === undefined) return [];
    const topic = connector.topic ?? '';
    const incoming = records.map((message): Incoming => ({
      message,
      origin: { system: connector.system, transport: 'kafka', topic, partition, offset: message.offset },
    }));
    const position = { connector: connector.profile.id, topic, partition, expected, next: last.offset + 1 };
    return this.#take(connector, incoming, { positions: [position], remember: false });
  }

  /** Messages without a position; one that was taken in before is recognised by its id. */
  async takeMessages(connector: Connector, messages: readonly NativeMessage[], options: { readonly remember: boolean } = { remember: true }): Promise<readonly MessageOutcome[]> {
    const nowMs = this.#options.clock.now();
    const incoming = messages.map((message): Incoming => ({
      // an HTTP body says nothing of when it was sent
      message: message.timestampMs > 0 ? message : { ...message, timestampMs: nowMs },
      origin: { system: connector.system, transport: 'http' },
    }));
    return this.#take(connector, incoming, { positions: [], remember: options.remember });
  }

  /** Changes of a baseline; each group stands or falls together. Returns how many events they gave. @throws HubError */
  async takeChanges(groups: readonly (readonly Change[])[]): Promise<number> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const stored = await loadDocuments(groups.flat(), this.#options.store);
      const fold = new DocumentFold(stored, this.#nowIso());
      for (const group of groups) fold.apply(group);
      const empty = { positions: [], messageIds: [], deadLetters: [], partials: [], completedPartials: [] };
      const result = await this.#options.store.commit({ ...empty, documents: fold.documents, outbox: fold.events });
      if (result.ok) {
        await this.#options.publisher.publish(fold.events);
        return fold.events.length;
      }
    }
    throw new HubError('conflict', 'the same entities are being changed too often; try again', { retryAfterMs: 1000 });
  }

  async #take(connector: Connector, incoming: readonly Incoming[], guard: { readonly positions: readonly Position[]; readonly remember: boolean }): Promise<readonly MessageOutcome[]> {
    const messages = incoming.map((each) => read(connector, each));
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const outcomes = await this.#attempt(connector, incoming, messages, guard);
      if (outcomes !== undefined) return outcomes;
    }
    throw new HubError('conflict', 'the same entities are being changed too often; try again', { retryAfterMs: 1000 });
  }

  async #attempt(
    connector: Connector,
    incoming: readonly Incoming[],
    messages: readonly Read[],
    guard: { readonly positions: readonly Position[]; readonly remember: boolean },
  ): Promise<readonly MessageOutcome[] | undefined> {
    const { store, clock, messageIdWindowMs, publisher } = this.#options;
    const partials = await this.#partialsOf(connector, messages);
    const stored = await loadDocuments(this.#foreseeable(connector, incoming, messages, partials), store);
    const fold = new DocumentFold(stored, this.#nowIso());
    const batch = new BatchFold({ connector, fold, nowIso: this.#nowIso(), partials });
    const known = guard.remember ? await this.#known(connector, messages) : undefined;
    incoming.forEach((each, index) => batch.add(each, messages[index] as Read, known));
    const result = await store.commit(batch.batch(guard.positions, clock.now() + messageIdWindowMs));
    if (!result.ok && result.conflict === 'position') throw new PositionMovedError(`the position of ${connector.profile.id} moved`);
    if (!result.ok) return undefined;
    this.#count(connector, batch.outcomes, fold.events.length);
    await publisher.publish(fold.events);
    return batch.outcomes;
  }

  /** All changes of the batch, with those of messages that its parts may complete. */
  #foreseeable(connector: Connector, incoming: readonly Incoming[], messages: readonly Read[], partials: ReadonlyMap<string, PartialMessage>): readonly Change[] {
    const whole = new Map<string, Record<string, string>>();
    return messages.flatMap((message, index) => {
      if (message.kind === 'changes') return message.changes;
      if (message.kind === 'error') return [];
      const { part } = message;
      const id = partialId(connector, part);
      const parts = whole.get(id) ?? { ...partials.get(id)?.parts };
      whole.set(id, Object.assign(parts, { [part.index]: part.text }));
      if (Object.keys(parts).length < part.count) return [];
      return this.#wholeChanges(connector, incoming[index] as Incoming, part, parts);
    });
  }

  #wholeChanges(connector: Connector, incoming: Incoming, part: MessagePart, parts: Readonly<Record<string, string>>): readonly Change[] {
    try {
      const value = part.join(Array.from({ length: part.count }, (_, index) => parts[index] ?? ''));
      const message = read(connector, { ...incoming, message: { ...incoming.message, value } });
      return message.kind === 'changes' ? message.changes : [];
    } catch {
      // the fold meets the same fault and sets the message aside with its reason
      return [];
    }
  }

  async #partialsOf(connector: Connector, messages: readonly Read[]): Promise<ReadonlyMap<string, PartialMessage>> {
    const ids = [...new Set(messages.flatMap((message) => (message.kind === 'part' ? [partialId(connector, message.part)] : [])))];
    const found = ids.length === 0 ? [] : await this.#options.store.partialsOf(ids);
    return new Map(found.filter((partial) => partial !== undefined).map((partial) => [partial.id, partial]));
  }

  async #known(connector: Connector, messages: readonly Read[]): Promise<ReadonlySet<string>> {
    const ids = messages.flatMap((message) => (message.kind === 'changes' && message.changes[0] !== undefined ? [message.changes[0].messageId] : []));
    return new Set(ids.length === 0 ? [] : await this.#options.store.knownMessages(connector.profile.id, ids));
  }

  #count(connector: Connector, outcomes: readonly MessageOutcome[], events: number): void {
    const { metrics } = this.#options;
    const { id } = connector.profile;
    for (const outcome of outcomes) {
      metrics.messagesIn.inc({ connector: id, result: outcome.result });
      if (outcome.result === 'rejected') metrics.deadLetters.inc({ connector: id, code: outcome.error.code });
    }
    metrics.eventsIn.inc({ connector: id }, events);
  }

  #nowIso(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
