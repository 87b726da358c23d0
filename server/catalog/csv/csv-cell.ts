import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

/** What a spreadsheet takes for a formula, behind any quotes that were put before it already. */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/;
const guardedFormula = /^'+[=+\-@\t\r\n＝＋－＠]/;

/** csv-stringify quotes only the line end that it writes itself. */
const lineEnd = /[\r\n]/;

/** The text as a cell that no spreadsheet runs. */
export function guardedCell(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

/** Exactly what {@link guardedCell} was given. */
export function plainCell(cell: string): string {
  return guardedFormula.test(cell) ? cell.slice(1) : cell;
}

/** One line of a file, with its end. */
export function csvLine(cells: readonly string[]): string {
  return stringify([cells.map(guardedCell)], { record_delimiter: '\r\n', quoted_match: lineEnd });
}

/** Several in one cell, with semicolons between; one that holds a semicolon or a quote is in quotes. */
export function listCell(items: readonly string[]): string {
  return items.length === 0 ? '' : stringify([[...items]], { delimiter: ';', eof: false, quoted_match: lineEnd });
}

/** What {@link listCell} was given, less repetitions and the spaces around. @throws what csv-parse throws */
export function listOf(cell: string): readonly string[] {
  const options = { delimiter: ';', trim: true, relax_column_count: true, skip_empty_lines: true };
  return [...new Set(parse(cell, options).flat())].filter((item) => item !== '');
}
