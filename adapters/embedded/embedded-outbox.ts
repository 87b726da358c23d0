import { documentKey } from '../../channels/catalog/document.ts';
import { entityOfRow, outboxRowsOf, type OutboxText } from '../../channels/event/outbox-rows.ts';
import type { OnDamaged } from '../../channels/ports/damaged-record.ts';
import { maxOutboxPageLength, type OutboxPage, type OutboxQuery, type OutboxRow } from '../../channels/ports/outbox.ts';
import { type CatalogTables, keysUnder } from './catalog-tables.ts';

/** In the order of the keys, which is version order within an entity: there is one process, and no order to keep. */
export function outboxPage(
  tables: CatalogTables,
  { limit, minAgeMs = 0, except, after }: OutboxQuery,
  onDamaged: OnDamaged,
): OutboxPage {
  const nowMs = Date.now();
  const from = after === undefined ? {} : { start: after, exclusiveStart: true };
  const stored: OutboxText[] = [];
  const page = (next?: string): OutboxPage => ({ rows: outboxRowsOf(stored, onDamaged), next });
  let length = 0;
  for (const { key, value, version = 0 } of tables.outbox.getRange({ ...from, versions: true })) {
    const ageMs = nowMs - version;
    // stored in the future: the clock was set back, and nobody knows since when
    if (ageMs >= 0 && ageMs < minAgeMs) continue;
    if (except?.has(entityOfRow(key)) === true) continue;
    stored.push({ id: key, text: value });
    length += value.length;
    if (stored.length >= limit || length > maxOutboxPageLength) return page(key);
  }
  return page();
}

/** Number of rows, and age of the oldest. */
export function outboxState(tables: CatalogTables): { readonly rows: number; readonly oldestAgeMs: number } {
  const nowMs = Date.now();
  let [rows, oldestMs] = [0, nowMs];
  for (const { version = nowMs } of tables.outbox.getRange({ versions: true })) {
    rows += 1;
    oldestMs = Math.min(oldestMs, version);
  }
  return { rows, oldestAgeMs: nowMs - oldestMs };
}

/** Rows of one entity. */
export function outboxRows(
  tables: CatalogTables,
  { tenant, urn }: { readonly tenant: string; readonly urn: string },
  onDamaged: OnDamaged,
): readonly OutboxRow[] {
  const entity = documentKey(tenant, urn);
  const stored = [...tables.outbox.getRange(keysUnder(`${entity}|`))]
    .map(({ key, value }) => ({ id: key, text: value }))
    // a urn may begin with another one
    .filter(({ id }) => entityOfRow(id) === entity);
  return outboxRowsOf(stored, onDamaged);
}
