import { isGone } from '../../../channels/catalog/document.ts';
import type { WithoutHead } from '../../../channels/catalog/head-of.ts';
import type { Head } from '../../../channels/event/head.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { IndexRow, RemovedRow } from '../../../channels/ports/search-index.ts';
import { indexRowOf } from '../../../channels/search/index-row.ts';
import { carriedDocument } from '../../../channels/wire/wire-event.ts';
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

  /** Of events about different documents; those that an event does not carry are loaded. @throws storage-unavailable */
  async ofEvents(events: readonly HubEvent[]): Promise<Changes> {
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
}

function removedBy({ tenant, subject, data }: HubEvent, version = data.version): RemovedRow {
  return { tenant, urn: subject, version };
}

/** The newer of two events about one document. */
export function newerOf(one: HubEvent | undefined, other: HubEvent): HubEvent {
  return one === undefined || one.data.version < other.data.version ? other : one;
}
