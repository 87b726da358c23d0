const gap = '  ';
const segmenter = new Intl.Segmenter();

/** What people count as characters. */
export function characters(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Anything that would move the cursor or break a line becomes a blank: names and messages come from outside. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

/** At most `width` characters, the last one an ellipsis when something was cut. */
export function fit(text: string, width: number): string {
  const all = characters(oneLine(text));
  if (all.length <= width) return all.join('');
  return width < 1 ? '' : `${all.slice(0, width - 1).join('')}…`;
}

export interface TableOptions {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The last column is cut so that a line has at most so many characters. @default unlimited */
  readonly width?: number;
}

/** Lines of a table: a head in capitals, columns as wide as their widest cell, no trailing blanks. */
export function renderTable({ columns, rows, width = Number.MAX_SAFE_INTEGER }: TableOptions): readonly string[] {
  const cells = [columns.map((column) => column.toUpperCase()), ...rows.map((row) => row.map(oneLine))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => characters(row[index] ?? '').length)));
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + gap.length, 0);
  const last = Math.max(10, width - before);
  return cells.map((row) => {
    const padded = row.map((cell, index) =>
      index === columns.length - 1
        ? fit(cell, last)
        : cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - characters(cell).length)),
    );
    return padded.join(gap).trimEnd();
  });
}

/** Width for tables on this standard output: that of the terminal, or unlimited for a file or pipe. */
export function outputWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : Number.MAX_SAFE_INTEGER;
}
