import { type CatalogDocument, documentKey, isGone } from '../../channels/catalog/document.ts';
import { readOrReport } from '../../channels/forms/read-or-report.ts';
import type { OnDamaged } from '../../channels/ports/damaged-record.ts';
import type { Head } from '../../channels/event/head.ts';
import type { FindQuery, FoundPage } from '../../channels/ports/document-store.ts';
import { compareText } from '../../channels/subscription/compare-text.ts';
import { compileFilter } from '../../channels/subscription/compile-filter.ts';
import { requiredText } from '../../channels/subscription/required-text.ts';
import type { CatalogTables } from './catalog-tables.ts';
import type { EmbeddedEnvironment } from './embedded-environment.ts';
import { candidates } from './find-candidates.ts';
import { sourcesOf } from './head-index.ts';
import { decodeDocument } from './index-changes.ts';
import { SortedLists } from './sorted-lists.ts';

type Matches = (head: Head) => boolean;

export function readDocument(tables: CatalogTables, tenant: string, urn: string): CatalogDocument | undefined {
  const text = tables.documents.get(documentKey(tenant, urn));
  return text === undefined ? undefined : decodeDocument(text);
}

function matcher({ filter, includeDeleted = false }: FindQuery): Matches {
  const matches = compileFilter(filter);
  return (head) => (includeDeleted || !isGone(head)) && matches(head);
}

/** A page as it is being filled. */
class Page {
  readonly documents: CatalogDocument[] = [];
  next: string | undefined;
  readonly #query: FindQuery;
  readonly #matches: Matches;
  readonly #onDamaged: OnDamaged;
  #bytes = 0;

  constructor(query: FindQuery, onDamaged: OnDamaged) {
    this.#query = query;
    this.#onDamaged = onDamaged;
    this.#matches = matcher(query);
  }

  /** Takes what matches of these urns; true when the page is full and something is left. */
  fill(tables: CatalogTables, urns: readonly string[]): boolean {
    const { tenant, limit, maxBytes } = this.#query;
    for (const urn of urns) {
      const id = documentKey(tenant, urn);
      const text = tables.documents.get(id);
      if (text === undefined) continue;
      const document = readOrReport({ kind: 'document', id }, () => decodeDocument(text), this.#onDamaged);
      if (document === undefined || !this.#matches(document.head)) continue;
      if (this.documents.length === limit || this.#bytes > maxBytes) {
        this.next = this.documents.at(-1)?.urn;
        return true;
      }
      this.#bytes += text.length;
      this.documents.push(document);
    }
    return false;
  }
}

/** Read and tested at once. */
const documentsAtOnce = 25;

async function search(
  environment: EmbeddedEnvironment,
  tables: CatalogTables,
  query: FindQuery,
  page: Page,
): Promise<FoundPage> {
  const { tenant, filter, includeDeleted, afterUrn = '' } = query;
  const { turns } = environment;
  const sources = includeDeleted === true ? [] : sourcesOf(filter, tenant);
  const next = await environment.read(() => candidates(tables, new SortedLists(tables.lists), tenant, sources));
  for (let after = afterUrn; ;) {
    const { urns, hasMore } = await environment.read(() => next(after));
    for (let start = 0; start < urns.length; start += documentsAtOnce) {
      if (turns.isOver) await turns.next(tenant);
      const some = urns.slice(start, start + documentsAtOnce);
      if (await environment.read(() => page.fill(tables, some))) return page;
    }
    if (!hasMore) return page;
    after = urns.at(-1) ?? after;
  }
}

/**
 * Documents that match, in urn order: by urn, or by the most selective of what the filter demands and the index has, else by
 * testing every head of the tenant; a bounded number in each turn of the event loop.
 */
export async function findDocuments(
  environment: EmbeddedEnvironment,
  tables: CatalogTables,
  query: FindQuery,
  onDamaged: OnDamaged,
): Promise<FoundPage> {
  const { filter, afterUrn, limit } = query;
  if (limit <= 0) return { documents: [], next: undefined };
  const only = requiredText(filter, 'urn');
  const page = new Page(query, onDamaged);
  if (only === undefined) return search(environment, tables, query, page);
  if (afterUrn === undefined || compareText(only, afterUrn) > 0)
    await environment.read(() => page.fill(tables, [only]));
  return page;
}
