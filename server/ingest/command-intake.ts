import { type CatalogDocument, documentKey } from '../../channels/catalog/document.ts';
import type { Change } from '../../channels/catalog/change.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { Clock } from '../../channels/ports/clock.ts';
import { hubConnector } from '../../channels/catalog/change.ts';
import type { DocumentStore } from '../../channels/ports/document-store.ts';
import type { IntakeStore } from '../../channels/ports/intake-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Publisher } from '../publishing/publisher.ts';
import type { EntityQueue } from './entity-queue.ts';
import { loadDocuments } from './load-documents.ts';
import { DocumentFold, type FoldContext } from './fold.ts';

export interface CommandIntakeOptions {
  readonly store: DocumentStore & Pick<IntakeStore, 'knownMessages'>;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly messageIdWindowMs: number;
  readonly elementKey: FoldContext['elementKey'];
  readonly policyFloor: () => number;
  readonly entities: EntityQueue;
}

/** A document before and after a command; undefined: there is none. */
export interface Images {
  readonly before: CatalogDocument | undefined;
  readonly after: CatalogDocument | undefined;
}

/** What somebody wants to do to one entity. Both functions are called again when another writer was faster. */
export interface Command {
  readonly tenant: string;
  readonly urn: string;
  /** Remembered with what the command changes; with one that is known nothing is done. */
  readonly ids: readonly string[];
  /** What it changes of the document as it is now. @throws HubError what the command is refused with */
  readonly changesOf: (document: CatalogDocument | undefined, nowIso: string) => readonly Change[];
  /** @throws HubError what the result is refused with */
  readonly judge: (images: Images) => void;
}

/** `known`: those of its ids that were committed before; nothing was done. */
export type CommandOutcome =
  | (Images & { readonly result: 'done'; readonly events: readonly HubEvent[] })
  | { readonly result: 'known'; readonly ids: readonly string[] };

const maxAttempts = 20;

/**
 * Commands of people, by the way of all messages: folded over the stored document, committed with their events and their
 * ids in one transaction that expects the document as it was judged, and published.
 */
export class CommandIntake {
  readonly #options: CommandIntakeOptions;

  constructor(options: CommandIntakeOptions) {
    this.#options = options;
  }

  /** @throws HubError what the command is refused with, conflict, storage-unavailable; nothing is changed then */
  async take(command: Command): Promise<CommandOutcome> {
    const { tenant, urn } = command;
    return this.#options.entities.run(new Set([documentKey(tenant, urn)]), async () => {
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        const outcome = await this.#attempt(command);
        if (outcome !== undefined) return outcome;
      }
      throw new HubError('conflict', 'it is being changed too often; retry', { retryAfterMs: 1000 });
    });
  }

  /** What commands would do now; nothing of it is kept. */
  get trial(): Pick<CommandIntake, 'take'> {
    return { take: (command) => this.#tried(command) };
  }

  async #tried(command: Command): Promise<CommandOutcome> {
    const { store, clock } = this.#options;
    const { tenant, urn } = command;
    const [before] = await store.getMany([{ tenant, urn }]);
    const judged = await this.#judged(command, before, new Date(clock.now()).toISOString());
    if ('known' in judged) return { result: 'known', ids: judged.known };
    return { result: 'done', ...judged.images, events: judged.fold.events };
  }

  /** undefined: somebody else has changed it meanwhile. */
  async #attempt(command: Command): Promise<CommandOutcome | undefined> {
    const { store, clock, messageIdWindowMs, metrics } = this.#options;
    const { tenant, urn, ids } = command;
    const startedMs = performance.now();
    const [before] = await store.getMany([{ tenant, urn }]);
    const nowMs = clock.now();
    const judged = await this.#judged(command, before, new Date(nowMs).toISOString());
    if ('known' in judged) return { result: 'known', ids: judged.known };
    const { fold, images } = judged;
    const { events } = fold;
    if (events.length === 0 && ids.length === 0) return { result: 'done', ...images, events };
    const result = await store.commit({
      documents: fold.documents,
      outbox: events,
      messageIds: ids.map((id) => ({ connector: hubConnector, id, expiresAtMs: nowMs + messageIdWindowMs })),
      ...{ positions: [], deadLetters: [], partials: [], completedPartials: [] },
    });
    if (!result.ok) return result.conflict === 'message' ? { result: 'known', ids: result.ids } : undefined;
    metrics.eventsIn.inc({ connector: hubConnector }, events.length);
    if (result.appended === true) metrics.eventsPublished.inc(events.length);
    else await this.#options.publisher.publish(events, performance.now() - startedMs);
    return { result: 'done', ...images, events };
  }

  /** A repetition is no longer possible, because it has been done: it is known before it is refused. */
  async #judged(
    { tenant, urn, ids, changesOf, judge }: Command,
    before: Images['before'],
    recordedAt: string,
  ): Promise<Judged> {
    const { store, elementKey, policyFloor } = this.#options;
    try {
      const changes = changesOf(before, recordedAt);
      const stored = new Map(await aboutOf(changes, store));
      if (before !== undefined) stored.set(documentKey(tenant, urn), before);
      const fold = new DocumentFold(stored, { recordedAt, elementKey, policyFloor: policyFloor() });
      fold.apply(changes);
      const images = { before, after: fold.documents[0]?.document ?? before };
      judge(images);
      return { fold, images };
    } catch (error) {
      const known = ids.length === 0 ? [] : await store.knownMessages(hubConnector, ids);
      if (known.length === 0) throw error;
      return { known };
    }
  }
}

/** The heads of relationships say what is known of their ends. Of others nothing else is needed. */
async function aboutOf(
  changes: readonly Change[],
  store: DocumentStore,
): Promise<ReadonlyMap<string, CatalogDocument>> {
  return changes.some(({ target }) => target === 'relationship') ? loadDocuments(changes, store) : new Map();
}

type Judged = { readonly fold: DocumentFold; readonly images: Images } | { readonly known: readonly string[] };
