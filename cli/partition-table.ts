import { isJsonObject, type JsonObject, type JsonValue } from '../channels/event/json.ts';
import { outputWidth, renderTable } from './table.ts';

/** A text or number of an answer; `missing` for anything else. */
export function textOf(value: JsonValue | undefined, missing = ''): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : missing;
}

/** What an answer says of each partition. */
export function partitionsOf({ partitions }: JsonObject): readonly JsonObject[] {
  return Array.isArray(partitions) ? partitions.filter((each) => isJsonObject(each)) : [];
}

/** Lines of a table with one row a partition. */
export function partitionTable(answer: JsonObject, columns: readonly string[], missing = ''): readonly string[] {
  const rows = partitionsOf(answer).map((each) => columns.map((column) => textOf(each[column], missing)));
  return renderTable({ columns, rows, width: outputWidth() });
}
