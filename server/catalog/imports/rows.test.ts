import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { csvLine } from '../csv/csv-cell.ts';
import { csvRows } from './csv-rows.ts';
import type { ImportRow } from './import-row.ts';
import { ndjsonRows } from './ndjson-rows.ts';

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  const points = Array.from(text);
  for (let from = 0; from < points.length; from += size) yield points.slice(from, from + size).join('');
}

async function all(rows: AsyncIterable<ImportRow>): Promise<readonly ImportRow[]> {
  const found: ImportRow[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

const cell = fc.string({ unit: 'binary' });
const size = fc.integer({ min: 1, max: 50 });

it('S14 rows of a table are what was written, wherever it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell)), size, async (cells, cut) => {
      const lines = cells.map(([urn, description]) => csvLine([`u${urn}`, description]));
      const found = await all(csvRows(pieces(`urn,description\r\n${lines.join('')}`, cut)));
      expect(found.map(({ urn, cells: said }) => [urn, said?.['description']])).toEqual(
        cells.map(([urn, description]) => [`u${urn}`, description]),
      );
    }),
  );
});

it('rows are counted as a spreadsheet does, wherever the text is cut', async () => {
  const text = 'urn,name\n"a\r\nb\n",1\r\n\r\n"c",2\nd';
  for (let cut = 1; cut < text.length; cut++) {
    const found = await all(csvRows(pieces(text, cut)));
    expect(found.map(({ line, urn }) => [line, urn])).toEqual([
      [2, 'a\r\nb\n'],
      [4, 'c'],
      [5, undefined],
    ]);
  }
});

it('R1 whatever comes is rows, or refused', async () => {
  const odd = fc.string({
    unit: fc.constantFrom('"', ',', '\n', '\r', '\u0000', '\uFEFF', 'a', "'", '{', '}', ':', '1', '['),
  });
  const tried = async (rows: AsyncIterable<ImportRow>): Promise<void> => {
    try {
      await all(rows);
    } catch (error) {
      expect(error).toBeInstanceOf(HubError);
    }
  };
  await fc.assert(
    fc.asyncProperty(odd, size, async (text, cut) => {
      await tried(csvRows(pieces(`urn,name\n${text}`, cut)));
      await tried(csvRows(pieces(text, cut)));
      await tried(ndjsonRows(pieces(text, cut)));
    }),
  );
});

it('R1 members that JavaScript knows are only text', async () => {
  const found = await all(ndjsonRows(pieces('{"__proto__":{"urn":"x"},"constructor":1}\n', 7)));
  expect(found).toEqual([{ line: 1, patch: JSON.parse('{"__proto__":{"urn":"x"},"constructor":1}') as object }]);
  expect(Object.keys(found[0]?.patch ?? {})).toContain('__proto__');
});
