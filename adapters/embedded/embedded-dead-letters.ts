import type { CatalogStore, DeadLetter } from '../../channels/ports/catalog-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { type CatalogTables, keysUnder } from './catalog-tables.ts';
import { deadLetterOrderKey } from './embedded-commit.ts';

export type DeadLetterQuery = Parameters<CatalogStore['deadLetters']>[0];

export function readDeadLetter(tables: CatalogTables, tenant: string, id: string): DeadLetter | undefined {
  const text = tables.deadLetters.get(`${tenant}|${id}`);
  return text === undefined ? undefined : (JSON.parse(text) as DeadLetter);
}

function orderKeyOf(tables: CatalogTables, tenant: string, id: string): string {
  const letter = readDeadLetter(tables, tenant, id);
  if (letter === undefined) {
    throw new HubError('not-found', `after: dead letter ${id} is gone; start with the first page`);
  }
  return deadLetterOrderKey(letter);
}

/** Newest first. @throws not-found when `after` is gone */
export function deadLetterPage(tables: CatalogTables, query: DeadLetterQuery): readonly DeadLetter[] {
  const { tenant, connector, limit, after } = query;
  const { start, end } = keysUnder(`${tenant}|`);
  const from = after === undefined ? end : orderKeyOf(tables, tenant, after);
  const backwards = { start: from, end: start, reverse: true, exclusiveStart: true };
  const page: DeadLetter[] = [];
  for (const { key, value } of tables.deadLetterOrder.getRange(backwards)) {
    if (page.length >= limit) break;
    if (connector !== undefined && value !== connector) continue;
    const letter = readDeadLetter(tables, tenant, key.slice(key.indexOf('|', start.length) + 1));
    if (letter !== undefined) page.push(letter);
  }
  return page;
}

/** Inside a write transaction. */
export function removeDeadLetter(tables: CatalogTables, tenant: string, id: string): void {
  const letter = readDeadLetter(tables, tenant, id);
  if (letter === undefined) return;
  void tables.deadLetters.remove(`${tenant}|${id}`);
  void tables.deadLetterOrder.remove(deadLetterOrderKey(letter));
}
