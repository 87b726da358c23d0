import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../channels/event/json.ts';
import { renderTable } from './table.ts';

const columns = ['name', 'type', 'platform', 'domain', 'urn'] as const;

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return isJsonList(value) ? value.filter((item) => isJsonObject(item)) : [];
}

function rowOf({ entity }: JsonObject): readonly string[] {
  return columns.map((name) => (isJsonObject(entity) ? textOf(entity[name]) : ''));
}

/** One line for each field: `domain: retail 12, risk 3`. */
function facetLines(facets: JsonValue | undefined): readonly string[] {
  return Object.entries(isJsonObject(facets) ? facets : {}).map(([field, counts]) => {
    const texts = objectsIn(counts).map(({ value, count }) => `${textOf(value)} ${textOf(count)}`);
    return `${field}: ${texts.length === 0 ? '-' : texts.join(', ')}`;
  });
}

/** A result for people: a table of its hits, then its facets. */
export function searchLines({ hits, facets }: JsonObject, width: number): readonly string[] {
  const rows = objectsIn(hits).map(rowOf);
  return [...(rows.length === 0 ? [] : renderTable({ columns, rows, width })), ...facetLines(facets)];
}

/** How many there are. */
export function totalText(total: JsonValue | undefined): string {
  if (!isJsonObject(total)) return '';
  const { value, relation } = total;
  return `${relation === 'atLeast' ? 'at least ' : ''}${textOf(value)} found`;
}
