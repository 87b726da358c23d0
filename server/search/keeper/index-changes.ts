import { documentKey, isGone } from '../../../channels/catalog/document.ts';
import type { WithoutHead } from '../../../channels/catalog/head-of.ts';
import type { Head } from '../../../channels/event/head.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { IndexPosition, IndexRow, RemovedRow } from '../../../channels/ports/search-index.ts';
import { indexRowOf } from '../../../channels/search/index-row.ts';
import { carriedDocument } from '../../../channels/wire/wire-event.ts';
import type { LogBatch } from '../../following/log-sink.ts';
import type { Logger } from '../../observability/logger.ts';
import type { Metrics } from '../../observability/metrics.ts';

export interface IndexChangesOptions {
  readonly store: Pick<DocumentStore, 'getMany'>;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'searchUnindexed'>;
}

/** What documents and events change in an index. */
export interface Changes {
  readonly rows: readonly IndexRow[];
  readonly removed: readonly RemovedRow[];
}

/** Makes rows of an index from documents and events. */
export class IndexChanges {
  readonly #options: IndexChangesOptions;

  constructor(options: IndexChangesOptions) {
    this.#options = options;
  }

  /** Of each document the newest event that is wanted; documents that it does not carry are loaded. @throws storage-unavailable */
  async ofBatches(batches: readonly LogBatch[], isWanted: (event: HubEvent) => boolean = () => true): Promise<Changes> {
    const newest = new Map<string, HubEvent>();
    for (const { event } of batches.flatMap(({ records }) => records)) {
      if (!isWanted(event)) continue;
      const key = documentKey(event.tenant, event.subject);
      newest.set(key, newerOf(newest.get(key), event));
    }
    return this.#ofEvents([...newest.values()]);
  }

  /** None for a document that cannot be indexed: it must not keep others from being found. */
  rowOf(document: WithoutHead, head: Head): readonly IndexRow[] {
    const { logger, metrics } = this.#options;
    try {
      const { row, isCut } = indexRowOf(document, head);
      if (isCut) metrics.searchUnindexed.inc({ problem: 'text-too-long' });
      return [row];
    } catch (error) {
      metrics.searchUnindexed.inc({ problem: 'fault' });
      logger.error({ error, tenant: document.tenant, urn: document.urn }, 'a document cannot be indexed for search');
      return [];
    }
  }

  async #ofEvents(events: readonly HubEvent[]): Promise<Changes> {
    const rows: IndexRow[] = [];
    const removed: RemovedRow[] = [];
    const toLoad: HubEvent[] = [];
    for (const event of events) {
      const carried = carriedDocument(event);
      if (carried !== undefined) rows.push(...this.rowOf(carried.document, carried.head));
      else if (event.data.heads.after === null) removed.push(removedBy(event));
      else toLoad.push(event);
    }
    const keys = toLoad.map(({ tenant, subject }) => ({ tenant, urn: subject }));
    const loaded = keys.length === 0 ? [] : await this.#options.store.getMany(keys);
    for (const [index, event] of toLoad.entries()) {
      const document = loaded[index];
      if (document === undefined || isGone(document)) removed.push(removedBy(event, document?.version));
      else rows.push(...this.rowOf(document, document.head));
    }
    return { rows, removed };
  }
}

/** Where an index is after these batches. */
export function positionAfter(before: IndexPosition | undefined, batches: readonly LogBatch[]): IndexPosition {
  let { epoch, vector } = before ?? { epoch: '', vector: [] };
  for (const batch of batches) {
    const next = batch.epoch === epoch ? [...vector] : [];
    next[batch.partition] = batch.to;
    [epoch, vector] = [batch.epoch, next];
  }
  return { epoch, vector: Array.from(vector, (offset: number | undefined) => offset ?? 0) };
}

function removedBy({ tenant, subject, data }: HubEvent, version = data.version): RemovedRow {
  return { tenant, urn: subject, version };
}

/** The newer of two events about one document. */
function newerOf(one: HubEvent | undefined, other: HubEvent): HubEvent {
  return one === undefined || one.data.version < other.data.version ? other : one;
}
