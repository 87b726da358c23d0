import { keyedFormOf } from '../../../channels/catalog/keyed-form.ts';
import type { DocumentKind } from '../../../channels/event/head.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { csvLine } from '../csv/csv-cell.ts';
import { cellOf, type CsvColumn, csvColumns, csvColumnsOf } from '../csv/csv-columns.ts';
import { listItemText } from '../resources/list-item.ts';
import type { Representation } from '../resources/representation.ts';

/** How entities are written one after the other. Every text has the end of its line. */
export interface LineFormat {
  readonly mediaType: string;
  /** Before the first. */
  readonly head: string;
  readonly item: (kind: DocumentKind, shown: Representation) => string;
  /** What is said beside the entities: where one could go on, or that this is the end. */
  readonly note: (members: object) => string;
}

export const ndjsonType = 'application/x-ndjson';
export const csvType = 'text/csv';

/** One JSON a line. */
export function ndjsonLines(fields: readonly string[] | undefined): LineFormat {
  return {
    mediaType: ndjsonType,
    head: '',
    item: (kind, shown) => `${listItemText(kind, shown, fields)}\n`,
    note: (members) => `${JSON.stringify(members)}\n`,
  };
}

/** Without it spreadsheets take UTF-8 for something else, and write back what they have read. */
const byteOrderMark = '\uFEFF';

function columnsOf(fields: readonly string[] | undefined): readonly CsvColumn[] {
  if (fields === undefined) return csvColumns;
  return [...new Set<CsvColumn>(['urn', 'etag', ...csvColumnsOf([...new Set(fields)], 'fields')])];
}

/** A table with a row for each asset. It has no place for notes: one that breaks off ends its connection. @throws HubError invalid-request */
export function csvLines(fields: readonly string[] | undefined): LineFormat {
  const columns = columnsOf(fields);
  return {
    mediaType: `${csvType}; charset=utf-8`,
    head: `${byteOrderMark}${csvLine(columns)}`,
    item: (kind, { shown, etag }) => {
      if (kind !== 'asset') throw new HubError('invalid-request', 'format: csv is for assets');
      const keyed = keyedFormOf(shown);
      return csvLine(columns.map((column) => (column === 'etag' ? etag : cellOf(keyed, column))));
    },
    note: () => '',
  };
}
