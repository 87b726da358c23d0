/**
 * Takes native messages in: normalise, fold over the stored documents, commit everything of a batch at once, hand the
 * events to the publisher.
 *
 * The naive way writes each change when it comes and remembers the source's offset afterwards: a crash between the two
 * applies a change twice or never. Here documents, events to publish, dead letters, parts of split messages and the
 * source's position change in one transaction, each guarded by what the batch saw, so a batch either happened or did
 * not, whoever else writes at the same time. On a conflict the batch is folded again on the newer documents.
 */
import type { IntakeStore } from '../../channels/ports/intake-store.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import { documentKey } from '../../channels/catalog/document.ts';
import type { Change } from '../../channels/catalog/change.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import type { ConnectorSource, NativeMessage, SourceRecord } from '../../channels/ports/connector-source.ts';
import type { Turns } from '../../channels/ports/turns.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Connector } from './connector.ts';
import { BatchFold, type MessageOutcome } from './batch-fold.ts';
import { type IncomingMessage, type ReadMessage, readMessage } from './read-message.ts';
import { partialsOf, wholesOf } from './split-messages.ts';
import { bareLetter } from './dead-letter.ts';
import { EntityQueue } from './entity-queue.ts';
import { DocumentFold, type FoldContext } from './fold.ts';
import { insist } from './insist.ts';
import { loadDocuments } from './load-documents.ts';
import type { Publisher } from '../publishing/publisher.ts';
import { inTurns } from '../turns/in-turns.ts';
import { OwnedTurns } from '../turns/owned-turns.ts';
import { entitiesOf, isOfMessages, positionsOf, PositionMovedError, slice, type IntakeBatch } from './taking.ts';

export interface IntakeOptions {
  readonly store: DocumentStore & IntakeStore;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly messageIdWindowMs: number;
  readonly elementKey: FoldContext['elementKey'];
  readonly policyFloor: () => number;
  readonly turns: Turns;
  readonly mode: keyof typeof contended;
  /** Shared with others that commit in this process. @default its own */
  readonly entities?: EntityQueue;
}

const maxAttempts = 20;
/**
 * Messages of a commit, and commits of a tenant at once, while other tenants have work. Embedded storage has one writer, which
 * writes in this thread: 16 messages take some milliseconds. MongoDB writes elsewhere and several commits at once; only
 * encoding them keeps the thread.
 */
const contended = { embedded: { messages: 16, commits: 1 }, cluster: { messages: 64, commits: 4 } } as const;

/** ms of the year 10000: later times are no RFC 3339 any more. */
const endOfTimeMs = 253_402_300_800_000;

function isTime(timestampMs: number): boolean {
  return timestampMs > 0 && timestampMs < endOfTimeMs;
}

export class Intake {
  readonly #options: IntakeOptions;
  readonly #entities: EntityQueue;
  readonly #contended: OwnedTurns;
  /** Connectors whose last batch had messages that were known. */
  readonly #repeating = new Set<string>();

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#entities = options.entities ?? new EntityQueue();
    this.#contended = new OwnedTurns(contended[options.mode].commits);
  }

  /**
   * Records of one partition, ascending. `expected` is the stored position of the partition (null: none). Whatever a
   * record holds, it is ingested or kept as a dead letter; where one of many is at fault, the others are committed without it.
   * @throws PositionMovedError, HubError storage-unavailable; what was ingested until then moved the position
   */
  async takeRecords(
    connector: Connector,
    partition: number,
    records: readonly SourceRecord[],
    { expected, markOf }: { readonly expected: number | null; readonly markOf?: ConnectorSource['markOf'] },
  ): Promise<readonly MessageOutcome[]> {
    const last = records.at(-1);
    if (last === undefined) return [];
    const topic = connector.topic ?? '';
    const incoming = records.map((message): IncomingMessage => ({
      message: this.#timed(message),
      origin: { system: connector.system, transport: 'kafka', topic, partition, offset: message.offset },
    }));
    const position = { connector: connector.profile.id, topic, partition, expected, next: last.offset + 1 };
    const remember = connector.format.identifies;
    return this.#take({ connector, incoming, position, remember, ...(markOf === undefined ? {} : { markOf }) });
  }

  /**
   * Messages without a position; one that was ingested before is recognised by its id. `setAside: false` leaves what is
   * rejected to the caller.
   */
  async takeMessages(
    connector: Connector,
    messages: readonly NativeMessage[],
    { remember = true, setAside = true }: { readonly remember?: boolean; readonly setAside?: boolean } = {},
  ): Promise<readonly MessageOutcome[]> {
    const incoming = messages.map((message): IncomingMessage => ({
      message: this.#timed(message),
      origin: { system: connector.system, transport: 'http' },
    }));
    return this.#take({ connector, incoming, position: undefined, remember, setAside });
  }

  /** Changes of a tenant's baseline; each group is committed as a whole or not at all. Returns the number of events. @throws HubError */
  async takeChanges(tenant: string, groups: readonly (readonly Change[])[]): Promise<number> {
    let [events, start] = [0, 0];
    while (start < groups.length) {
      const piece = groups.slice(start, start + this.#pieceSize(tenant));
      const entities = new Set(piece.flat().map(({ urn }) => documentKey(tenant, urn)));
      events += await this.#entities.run(entities, () => this.#commitChanges(tenant, piece));
      start += piece.length;
    }
    return events;
  }

  /** The store commits for all together: where other tenants wait there are more and smaller commits. */
  #pieceSize(tenant: string): number {
    const { turns, mode } = this.#options;
    return turns.isContended(tenant) ? contended[mode].messages : Number.POSITIVE_INFINITY;
  }

  async #commitChanges(tenant: string, groups: readonly (readonly Change[])[]): Promise<number> {
    const { turns } = this.#options;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const stored = await loadDocuments(groups.flat(), this.#options.store);
      const fold = new DocumentFold(stored, this.#foldContext(this.#nowIso()));
      await inTurns({ turns, tenant }, groups, (group) => fold.apply(group));
      const empty = { positions: [], messageIds: [], deadLetters: [], partials: [], completedPartials: [] };
      const result = await this.#options.store.commit({ ...empty, documents: fold.documents, outbox: fold.events });
      if (result.ok) {
        await this.#publish(fold.events, result.appended);
        return fold.events.length;
      }
    }
    throw new HubError('conflict', 'the same entities are being changed too often; retry', { retryAfterMs: 1000 });
  }

  /** An HTTP body does not say when it was sent, and a record may say nonsense. */
  #timed<Message extends NativeMessage>(message: Message): Message {
    return isTime(message.timestampMs) ? message : { ...message, timestampMs: this.#options.clock.now() };
  }

  async #take(order: Omit<IntakeBatch, 'messages'>): Promise<readonly MessageOutcome[]> {
    const messages: ReadMessage[] = [];
    const { connector, incoming } = order;
    await inTurns(this.#turnsOf(connector), incoming, (each) => messages.push(readMessage(connector, each)));
    return this.#takeInPieces({ ...order, messages });
  }

  #turnsOf({ profile }: Connector): Parameters<typeof inTurns>[0] {
    return { turns: this.#options.turns, tenant: profile.tenant };
  }

  async #takeInPieces(taking: IntakeBatch): Promise<readonly MessageOutcome[]> {
    const { tenant } = taking.connector.profile;
    const { length } = taking.incoming;
    const outcomes: MessageOutcome[] = [];
    while (outcomes.length < length) {
      const size = this.#pieceSize(tenant);
      const piece = slice(taking, outcomes.length, Math.min(length, outcomes.length + size));
      const take = (): Promise<readonly MessageOutcome[]> => this.#takeOrDivide(piece);
      // few at a time, so that another tenant's commit is not behind all of them; single messages do not wait
      const waits = Number.isFinite(size) && piece.incoming.length > 1;
      outcomes.push(...(await (waits ? this.#contended.run(tenant, take) : take())));
    }
    return outcomes;
  }

  /** What cannot be committed is halved until the message that is at fault is alone. */
  async #takeOrDivide(taking: IntakeBatch): Promise<readonly MessageOutcome[]> {
    const isAlone = taking.incoming.length <= 1;
    const commit = (): Promise<readonly MessageOutcome[]> => this.#commit(taking);
    try {
      return await (isAlone ? insist(commit) : commit());
    } catch (error) {
      if (!isOfMessages(error)) throw error;
      if (isAlone) return this.#setAside(taking, HubError.from(error));
    }
    const middle = Math.ceil(taking.incoming.length / 2);
    const first = await this.#takeOrDivide(slice(taking, 0, middle));
    return [...first, ...(await this.#takeOrDivide(slice(taking, middle)))];
  }

  /** First whole; if the store rejects it, without its content. @throws the error of the store then */
  async #setAside(taking: IntakeBatch, error: HubError): Promise<readonly MessageOutcome[]> {
    const rejected: IntakeBatch = { ...taking, messages: [{ kind: 'error', error }], remember: false };
    try {
      return await this.#commit(rejected);
    } catch (again) {
      if (!isOfMessages(again)) throw again;
      return this.#commit({ ...rejected, bounds: bareLetter });
    }
  }

  #commit(taking: IntakeBatch): Promise<readonly MessageOutcome[]> {
    return this.#entities.run(entitiesOf(taking), () => this.#commitInTurn(taking));
  }

  async #commitInTurn(taking: IntakeBatch): Promise<readonly MessageOutcome[]> {
    const { id } = taking.connector.profile;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const outcomes = await this.#attempt(taking, attempt > 1 || this.#repeating.has(id));
      if (outcomes === undefined) continue;
      if (outcomes.some(({ result }) => result === 'duplicate')) this.#repeating.add(id);
      else this.#repeating.delete(id);
      return outcomes;
    }
    throw new HubError('conflict', 'the same entities are being changed too often; retry', { retryAfterMs: 1000 });
  }

  /**
   * Ids that come again are rare, and the store refuses them anyway: it is asked for those that it knows only where it has
   * just done so.
   */
  async #attempt(taking: IntakeBatch, lookUp: boolean): Promise<readonly MessageOutcome[] | undefined> {
    const { connector, incoming, messages, remember, bounds, setAside } = taking;
    const { store, clock, messageIdWindowMs } = this.#options;
    const partials = await partialsOf(store, connector, messages);
    const wholes = wholesOf(connector, incoming, messages, partials);
    const read = [...messages, ...[...wholes.values()].map(({ message }) => message)];
    const changes = read.flatMap((message) => (message.kind === 'changes' ? message.changes : []));
    const stored = await loadDocuments(changes, store);
    const known = remember ? await this.#known(connector, lookUp ? messages : []) : undefined;
    const nowIso = this.#nowIso();
    const fold = new DocumentFold(stored, this.#foldContext(nowIso));
    const batch = new BatchFold({
      connector,
      fold,
      nowIso,
      partials,
      ...(bounds === undefined ? {} : { bounds }),
      ...(setAside === undefined ? {} : { setAside }),
    });
    await inTurns(this.#turnsOf(connector), incoming, (each, index) => {
      const message = messages[index];
      if (message !== undefined) batch.add(each, message, known, wholes.get(index));
    });
    const startedMs = performance.now();
    const result = await store.commit(batch.batch(positionsOf(taking), clock.now() + messageIdWindowMs));
    if (!result.ok && result.conflict === 'position')
      throw new PositionMovedError(`the position of ${connector.profile.id} moved`);
    if (!result.ok) return undefined;
    this.#count(connector, batch.outcomes, fold.events.length);
    await this.#publish(fold.events, result.appended, performance.now() - startedMs);
    return batch.outcomes;
  }

  /** A store that is the log as well has published them by committing. */
  async #publish(events: readonly HubEvent[], appended = false, ageMs = 0): Promise<void> {
    if (appended) this.#options.metrics.eventsPublished.inc(events.length);
    else await this.#options.publisher.publish(events, ageMs);
  }

  async #known(connector: Connector, messages: readonly ReadMessage[]): Promise<ReadonlySet<string>> {
    const ids = messages.flatMap((message) =>
      message.kind === 'changes' && message.changes[0] !== undefined ? [message.changes[0].messageId] : [],
    );
    return new Set(ids.length === 0 ? [] : await this.#options.store.knownMessages(connector.profile.id, ids));
  }

  #count(connector: Connector, outcomes: readonly MessageOutcome[], events: number): void {
    const { metrics } = this.#options;
    const { id } = connector.profile;
    const counts = new Map<MessageOutcome['result'], number>();
    for (const outcome of outcomes) {
      counts.set(outcome.result, (counts.get(outcome.result) ?? 0) + 1);
      if (outcome.result === 'rejected') metrics.deadLetters.inc({ connector: id, code: outcome.error.code });
    }
    for (const [result, count] of counts) metrics.messagesIn.inc({ connector: id, result }, count);
    metrics.eventsIn.inc({ connector: id }, events);
  }

  #foldContext(recordedAt: string): FoldContext {
    return { recordedAt, elementKey: this.#options.elementKey, policyFloor: this.#options.policyFloor() };
  }

  #nowIso(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
