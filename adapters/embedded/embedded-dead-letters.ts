import { readOrReport } from '../../channels/forms/read-or-report.ts';
import type { OnDamaged } from '../../channels/ports/damaged-record.ts';
import {
  type DeadLetter,
  type DeadLetterLimits,
  type DeadLetterQuery,
  type DeadLetterSummary,
  type DeadLetterUsage,
  isDeadLetterSummary,
} from '../../channels/ports/dead-letter-store.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { type CatalogTables, keysUnder } from './catalog-tables.ts';
import { recordOf, recordText } from './record-text.ts';

/** A letter encoded before the transaction. */
export interface PreparedDeadLetter {
  readonly key: string;
  readonly text: string;
  readonly letter: DeadLetter;
  readonly orderKey: string;
}

export function deadLetterOrderKey(letter: Pick<DeadLetter, 'tenant' | 'at' | 'id'>): string {
  return `${letter.tenant}|${letter.at}|${letter.id}`;
}

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

/** Inside a write transaction. */
export function writeDeadLetter(tables: CatalogTables, { key, letter, orderKey, text }: PreparedDeadLetter): void {
  remove(tables, key);
  const { bytes: _bytes, headers: _headers, ...summary } = letter;
  void tables.deadLetters.put(key, text);
  void tables.deadLetterOrder.put(orderKey, recordText('deadLetter', summary));
}

/** Undefined, and reported, for one that cannot be read. `key`: in the order of letters. @throws NewerForm */
function summaryOf(key: string, text: string, onDamaged: OnDamaged): DeadLetterSummary | undefined {
  const read = (): DeadLetterSummary | undefined => {
    const letter = recordOf<DeadLetterSummary>('deadLetter', text);
    return isDeadLetterSummary(letter) ? letter : undefined;
  };
  return readOrReport({ kind: 'dead-letter', id: key }, read, onDamaged);
}

/** Newest first. @throws not-found when `after` is gone */
export function deadLetterPage(
  tables: CatalogTables,
  query: DeadLetterQuery,
  onDamaged: OnDamaged,
): readonly DeadLetterSummary[] {
  const { tenant, connector, limit, after } = query;
  const { start, end } = keysUnder(`${tenant}|`);
  const from = after === undefined ? end : orderKeyOf(tables, tenant, after);
  const backwards = { start: from, end: start, reverse: true, exclusiveStart: true };
  const page: DeadLetterSummary[] = [];
  for (const { key, value } of tables.deadLetterOrder.getRange(backwards)) {
    if (page.length >= limit) break;
    const letter = summaryOf(key, value, onDamaged);
    if (letter === undefined) continue;
    if (connector === undefined || letter.connector === connector) page.push(letter);
  }
  return page;
}

/**
 * Where the letter of this text is in the order of letters: by its key where it is damaged. Inside a write transaction.
 * @throws NewerForm
 */
function orderKeysOf(tables: CatalogTables, key: string, text: string): readonly string[] {
  const read = (): DeadLetter => recordOf<DeadLetter>('deadLetter', text);
  const letter = readOrReport({ kind: 'dead-letter', id: key }, read, () => undefined);
  if (letter !== undefined) return [deadLetterOrderKey(letter)];
  const tenant = key.slice(0, key.lastIndexOf('|'));
  return [...tables.deadLetterOrder.getKeys(keysUnder(`${tenant}|`))].filter((each) => {
    const place = placeOf(each);
    return `${place.tenant}|${place.id}` === key;
  });
}

/** Inside a write transaction. */
export function removeDeadLetter(tables: CatalogTables, tenant: string, id: string): void {
  remove(tables, `${tenant}|${id}`);
}

function remove(tables: CatalogTables, key: string): void {
  const text = tables.deadLetters.get(key);
  if (text === undefined) return;
  for (const orderKey of orderKeysOf(tables, key, text)) void tables.deadLetterOrder.remove(orderKey);
  void tables.deadLetters.remove(key);
}

/** What {@link deadLetterOrderKey} is made of; a tenant may hold the separator, time and id do not. */
function placeOf(key: string): Pick<DeadLetter, 'tenant' | 'at' | 'id'> {
  const parts = key.split('|');
  const [at = '', id = ''] = parts.slice(-2);
  return { tenant: parts.slice(0, -2).join('|'), at, id };
}

type Usage = { -readonly [Field in keyof DeadLetterUsage]: DeadLetterUsage[Field] };

function forget(tables: CatalogTables, orderKey: string, key: string): void {
  void tables.deadLetters.remove(key);
  void tables.deadLetterOrder.remove(orderKey);
}

/** Inside a write transaction: removes what is beyond the limits, the newest of each connector stay. */
export function trimDeadLetters(
  tables: CatalogTables,
  { beforeIso, maxCount, maxBytes }: DeadLetterLimits,
  onDamaged: OnDamaged,
): readonly DeadLetterUsage[] {
  const usages = new Map<string, Usage>();
  for (const { key, value } of [...tables.deadLetterOrder.getRange({ reverse: true })]) {
    const letter = summaryOf(key, value, onDamaged);
    if (letter === undefined) {
      const { tenant, at, id } = placeOf(key);
      if (at < beforeIso) forget(tables, key, `${tenant}|${id}`);
      continue;
    }
    const { tenant, connector, id, at, size } = letter;
    const owner = `${tenant}|${connector}`;
    const usage = usages.get(owner) ?? { tenant, connector, count: 0, bytes: 0, expired: 0, displaced: 0 };
    usages.set(owner, usage);
    const isDue = at < beforeIso;
    const isBeyond = usage.displaced > 0 || usage.count + 1 > maxCount || usage.bytes + size > maxBytes;
    if (isDue || isBeyond) {
      forget(tables, key, `${tenant}|${id}`);
      if (isDue) usage.expired += 1;
      else usage.displaced += 1;
    } else {
      usage.count += 1;
      usage.bytes += size;
    }
  }
  return [...usages.values()];
}
