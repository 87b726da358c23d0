import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { plainCell } from '../csv/csv-cell.ts';
import { type CsvColumn, csvColumnsOf } from '../csv/csv-columns.ts';
import { faultyRow, type ImportRow, maxRowBytes } from './import-row.ts';

interface CsvRecord {
  readonly record: readonly string[];
  /** So far. */
  readonly info: { readonly records: number; readonly empty_lines: number };
}

function csvFault(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const row = `row ${Number(error['records']) + Number(error['empty_lines']) + 1}`;
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return new HubError('message-too-large', `body: ${row}: has at most ${maxRowBytes} bytes; is a quote open?`);
  return new HubError('invalid-message', `body: ${row}: a cell with a quote must be in quotes, and its quotes doubled`);
}

function namedIn(record: readonly string[]): readonly CsvColumn[] {
  return csvColumnsOf(
    record.map((name) => name.trim()),
    'body: row 1',
  );
}

function rowOf(columns: readonly CsvColumn[], cells: readonly string[], row: number): ImportRow {
  if (cells.length !== columns.length) {
    const problem = `row: has ${cells.length} cells, and there are ${columns.length} columns`;
    return faultyRow(row, new HubError('invalid-request', problem));
  }
  const plain = columns.map((name, at) => [name, plainCell(cells[at] ?? '')]);
  const { urn = '', etag = '', ...said } = Object.fromEntries(plain);
  return { line: row, ...(urn === '' ? {} : { urn }), ...(etag === '' ? {} : { etag }), cells: said };
}

/**
 * The rows of a table, counted as spreadsheets do: the first one names the columns. A row of another length is at fault by itself.
 * @throws HubError invalid-request for unknown columns, invalid-message, message-too-large for a row; nothing is known of what follows
 */
export async function* csvRows(text: AsyncIterable<string>): AsyncGenerator<ImportRow> {
  const options = { bom: true, info: true, relax_column_count: true, max_record_size: maxRowBytes };
  const parser = parse({ ...options, skip_empty_lines: true, record_delimiter: ['\r\n', '\n', '\r'] });
  // a fault of the input, too, is that of the parser
  pipeline(Readable.from(text), parser, () => undefined);
  const records: AsyncIterable<CsvRecord> = parser;
  let columns: readonly CsvColumn[] | undefined;
  try {
    for await (const { record, info } of records) {
      if (columns === undefined) columns = namedIn(record);
      else yield rowOf(columns, record, info.records + info.empty_lines);
    }
  } catch (error) {
    throw csvFault(error);
  }
  if (columns === undefined) throw new HubError('invalid-request', 'body: row 1: must name the columns');
}
