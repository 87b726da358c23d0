import type {
  DeadLetter,
  DeadLetterLimits,
  DeadLetterQuery,
  DeadLetterSummary,
  DeadLetterUsage,
} from '../../channels/ports/dead-letter-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { type CatalogTables, keysUnder } from './catalog-tables.ts';
import { deadLetterOrderKey } from './embedded-commit.ts';
import { recordOf } from './record-text.ts';

export function readDeadLetter(tables: CatalogTables, tenant: string, id: string): DeadLetter | undefined {
  const text = tables.deadLetters.get(`${tenant}|${id}`);
  return text === undefined ? undefined : recordOf<DeadLetter>('deadLetter', text);
}

function orderKeyOf(tables: CatalogTables, tenant: string, id: string): string {
  const letter = readDeadLetter(tables, tenant, id);
  if (letter === undefined) {
    throw new HubError('not-found', `after: dead letter ${id} is gone; start with the first page`);
  }
  return deadLetterOrderKey(letter);
}

/** Newest first. @throws not-found when `after` is gone */
export function deadLetterPage(tables: CatalogTables, query: DeadLetterQuery): readonly DeadLetterSummary[] {
  const { tenant, connector, limit, after } = query;
  const { start, end } = keysUnder(`${tenant}|`);
  const from = after === undefined ? end : orderKeyOf(tables, tenant, after);
  const backwards = { start: from, end: start, reverse: true, exclusiveStart: true };
  const page: DeadLetterSummary[] = [];
  for (const { value } of tables.deadLetterOrder.getRange(backwards)) {
    if (page.length >= limit) break;
    const letter = recordOf<DeadLetterSummary>('deadLetter', value);
    if (connector === undefined || letter.connector === connector) page.push(letter);
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

type Usage = { -readonly [Field in keyof DeadLetterUsage]: DeadLetterUsage[Field] };

/** Inside a write transaction: removes what is beyond the limits, the newest of each connector stay. */
export function trimDeadLetters(
  tables: CatalogTables,
  { beforeIso, maxCount, maxBytes }: DeadLetterLimits,
): readonly DeadLetterUsage[] {
  const usages = new Map<string, Usage>();
  for (const { key, value } of [...tables.deadLetterOrder.getRange({ reverse: true })]) {
    const { tenant, connector, id, at, size } = recordOf<DeadLetterSummary>('deadLetter', value);
    const owner = `${tenant}|${connector}`;
    const usage = usages.get(owner) ?? { tenant, connector, count: 0, bytes: 0, expired: 0, displaced: 0 };
    usages.set(owner, usage);
    const isDue = at < beforeIso;
    const isBeyond = usage.displaced > 0 || usage.count + 1 > maxCount || usage.bytes + size > maxBytes;
    if (isDue || isBeyond) {
      void tables.deadLetters.remove(`${tenant}|${id}`);
      void tables.deadLetterOrder.remove(key);
      if (isDue) usage.expired += 1;
      else usage.displaced += 1;
    } else {
      usage.count += 1;
      usage.bytes += size;
    }
  }
  return [...usages.values()];
}
