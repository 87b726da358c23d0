import { isGone } from '../../../channels/catalog/document.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import type { IndexBatch, IndexRow, RemovedRow, SearchIndex } from '../../../channels/ports/search-index.ts';
import type { Turns } from '../../../channels/ports/turns.ts';
import { everything } from '../../../channels/subscription/filter.ts';
import { inTurns } from '../../turns/in-turns.ts';
import type { IndexChanges } from './index-changes.ts';

/** Documents that are compared at once. */
const page = { limit: 200, maxBytes: 1024 * 1024 };

export interface IndexCheckOptions {
  readonly index: Pick<SearchIndex, 'versions' | 'list' | 'restore'>;
  readonly store: Pick<DocumentStore, 'find' | 'getMany'>;
  readonly tenants: () => Promise<readonly string[]>;
  readonly changes: IndexChanges;
  readonly turns: Turns;
  /** Nothing else is written meanwhile. */
  readonly alone: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly apply: (batch: IndexBatch) => Promise<void>;
  readonly isStopped: () => boolean;
}

/** What was different, and is not any more. Some of it may have changed a moment ago. */
export interface CheckReport {
  readonly checked: number;
  /** Documents that the index lacked. */
  missing: number;
  /** Of which it had an older version. */
  outdated: number;
  /** That it had and the catalog does not have. */
  surplus: number;
}

interface Counts extends CheckReport {
  checked: number;
}

/** Compares an index with the catalog, document by document, and corrects it. */
export async function checkIndex(options: IndexCheckOptions): Promise<CheckReport> {
  const counts: Counts = { checked: 0, missing: 0, outdated: 0, surplus: 0 };
  for (const tenant of await options.tenants()) {
    await options.alone(async () => options.index.restore?.(tenant));
    for (let cursor: string | undefined = ''; cursor !== undefined && !options.isStopped();) {
      const after: string = cursor;
      cursor = await options.alone(() => checkDocuments(options, tenant, after, counts));
    }
    for (let after: string | undefined, isDone = false; !isDone && !options.isStopped(); isDone = after === undefined) {
      const from: string | undefined = after;
      after = await options.alone(() => checkRows(options, tenant, from, counts));
    }
  }
  return counts;
}

/** Each document is in the index as it is. Returns where to go on. */
async function checkDocuments(
  { store, index, changes, turns, apply }: IndexCheckOptions,
  tenant: string,
  afterUrn: string,
  counts: Counts,
): Promise<string | undefined> {
  const { documents, next } = await store.find({ tenant, filter: everything, afterUrn, ...page });
  const held = await index.versions(
    tenant,
    documents.map(({ urn }) => urn),
  );
  const rows: IndexRow[] = [];
  await inTurns({ turns, tenant }, documents, (document, at) => {
    const version = held[at];
    counts.checked += 1;
    if (version !== undefined && version >= document.version) return;
    if (version === undefined) counts.missing += 1;
    else counts.outdated += 1;
    rows.push(...changes.rowOf(document, document.head));
  });
  if (rows.length > 0) await apply({ rows, removed: [] });
  return next;
}

/** Each row of the index is a document. Returns where to go on. */
async function checkRows(
  { store, index, apply }: IndexCheckOptions,
  tenant: string,
  after: string | undefined,
  counts: Counts,
): Promise<string | undefined> {
  const { hits, next } = await index.list(tenant, after, page.limit);
  const documents = await store.getMany(hits.map(({ urn }) => ({ tenant, urn })));
  const removed: RemovedRow[] = hits.flatMap(({ urn, version }, at) => {
    const document = documents[at];
    if (document !== undefined && !isGone(document)) return [];
    return { tenant, urn, version: Math.max(version, document?.version ?? 0) };
  });
  counts.surplus += removed.length;
  if (removed.length > 0) await apply({ rows: [], removed });
  return next;
}
