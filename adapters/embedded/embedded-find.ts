import { Query } from 'mingo';
import { type CatalogDocument, documentKey, isGone } from '../../channels/catalog/document.ts';
import type { Head } from '../../channels/event/head.ts';
import type { FindQuery } from '../../channels/ports/catalog-store.ts';
import { requiredText } from '../../channels/subscription/required-text.ts';
import { toMongoFilter } from '../../channels/subscription/to-mongo.ts';
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
  const query = new Query(toMongoFilter(filter) as Record<string, never>);
  return (head) => (includeDeleted || !isGone(head)) && query.test({ head });
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

function matching(
  tables: CatalogTables,
  tenant: string,
  urns: readonly string[],
  matches: Matches,
  limit: number,
): CatalogDocument[] {
  const found: CatalogDocument[] = [];
  for (const urn of urns) {
    if (found.length === limit) break;
    const head = tables.heads.get(documentKey(tenant, urn));
    const document =
      head !== undefined && matches(JSON.parse(head) as Head) ? readDocument(tables, tenant, urn) : undefined;
    if (document !== undefined) found.push(document);
  }
  return found;
}

async function scan(
  environment: EmbeddedEnvironment,
  tables: CatalogTables,
  query: FindQuery,
): Promise<CatalogDocument[]> {
  const { tenant, filter, limit, includeDeleted } = query;
  const matches = matcher(query);
  const term = includeDeleted === true ? undefined : termOf(filter);
  const found: CatalogDocument[] = [];
  let after = query.afterUrn;
  while (found.length < limit) {
    const urns = await environment.read(() => urnsAfter(tables, tenant, term, after));
    found.push(...(await environment.read(() => matching(tables, tenant, urns, matches, limit - found.length))));
    if (urns.length < headsPerTurn) break;
    after = urns.at(-1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}

/**
 * Documents that match, in urn order: by urn or by one indexed equality where the filter has one, else by testing every
 * head of the tenant, a bounded number in each turn of the event loop.
 */
export function findDocuments(
  environment: EmbeddedEnvironment,
  tables: CatalogTables,
  query: FindQuery,
): Promise<readonly CatalogDocument[]> {
  const { tenant, filter, afterUrn, limit } = query;
  const only = requiredText(filter, 'urn');
  if (only === undefined) return scan(environment, tables, query);
  const urns = afterUrn === undefined || only > afterUrn ? [only] : [];
  return environment.read(() => matching(tables, tenant, urns, matcher(query), limit));
}
