import { type CatalogDocument, documentKey, isGone } from '../../channels/catalog/document.ts';
import type { Head } from '../../channels/event/head.ts';
import type { FindQuery, FoundPage } from '../../channels/ports/catalog-store.ts';
import { compareText } from '../../channels/subscription/compare-text.ts';
import { compileFilter } from '../../channels/subscription/compile-filter.ts';
import { requiredText } from '../../channels/subscription/required-text.ts';
import { type CatalogTables, keysUnder } from './catalog-tables.ts';
import type { EmbeddedEnvironment } from './embedded-environment.ts';
import { termOf } from './head-index.ts';

/** Heads looked at in one turn of the event loop: about 5 ms. */
const headsPerTurn = 1000;

type Matches = (head: Head) => boolean;

export function readDocument(tables: CatalogTables, tenant: string, urn: string): CatalogDocument | undefined {
  const text = tables.documents.get(documentKey(tenant, urn));
  return text === undefined ? undefined : (JSON.parse(text) as CatalogDocument);
}

function matcher({ filter, includeDeleted = false }: FindQuery): Matches {
  const matches = compileFilter(filter);
  return (head) => (includeDeleted || !isGone(head)) && matches(head);
}

/** The next urns in order: of all documents of the tenant, or of those that have the term. */
function urnsAfter(
  tables: CatalogTables,
  tenant: string,
  term: string | undefined,
  after: string | undefined,
): readonly string[] {
  const prefix = term === undefined ? `${tenant}|` : `${tenant}|${term}|`;
  const range = { ...keysUnder(prefix), limit: headsPerTurn, snapshot: false };
  const table = term === undefined ? tables.heads : tables.terms;
  const keys = table.getKeys(after === undefined ? range : { ...range, start: prefix + after, exclusiveStart: true });
  return [...keys].map((key) => key.slice(prefix.length));
}

/** A page as it is being filled. */
class Page {
  readonly documents: CatalogDocument[] = [];
  next: string | undefined;
  readonly #query: FindQuery;
  readonly #matches: Matches;
  #bytes = 0;

  constructor(query: FindQuery) {
    this.#query = query;
    this.#matches = matcher(query);
  }

  /** Takes what matches of these urns; true when the page is full and something is left. */
  fill(tables: CatalogTables, urns: readonly string[]): boolean {
    const { tenant, limit, maxBytes } = this.#query;
    for (const urn of urns) {
      const key = documentKey(tenant, urn);
      const head = tables.heads.get(key);
      if (head === undefined || !this.#matches(JSON.parse(head) as Head)) continue;
      if (this.documents.length === limit || this.#bytes > maxBytes) {
        this.next = this.documents.at(-1)?.urn;
        return true;
      }
      const text = tables.documents.get(key);
      if (text === undefined) continue;
      this.#bytes += text.length;
      this.documents.push(JSON.parse(text) as CatalogDocument);
    }
    return false;
  }
}

async function scan(environment: EmbeddedEnvironment, tables: CatalogTables, query: FindQuery): Promise<FoundPage> {
  const { tenant, filter, includeDeleted } = query;
  const term = includeDeleted === true ? undefined : termOf(filter);
  const page = new Page(query);
  let after = query.afterUrn;
  for (;;) {
    const urns = await environment.read(() => urnsAfter(tables, tenant, term, after));
    const isFull = await environment.read(() => page.fill(tables, urns));
    if (isFull || urns.length < headsPerTurn) return page;
    after = urns.at(-1);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * Documents that match, in urn order: by urn or by one indexed equality where the filter has one, else by testing every
 * head of the tenant, a bounded number in each turn of the event loop.
 */
export async function findDocuments(
  environment: EmbeddedEnvironment,
  tables: CatalogTables,
  query: FindQuery,
): Promise<FoundPage> {
  const { filter, afterUrn, limit } = query;
  if (limit <= 0) return { documents: [], next: undefined };
  const only = requiredText(filter, 'urn');
  if (only === undefined) return scan(environment, tables, query);
  const page = new Page(query);
  if (afterUrn === undefined || compareText(only, afterUrn) > 0)
    await environment.read(() => page.fill(tables, [only]));
  return page;
}
