import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anySearch, anyTexts, textsWith } from '../../test/harness/search-texts.ts';
import { openRequirement, readableBits } from './attributes.ts';
import { readTexts, wordsOf } from './document-words.ts';
import { Highlighter, highlightLimits } from './highlight.ts';
import { Matcher } from './match.ts';
import { parseSearchWords } from './search-words.ts';

function marked(q: string, fields: Readonly<Record<string, string>>): readonly string[] {
  return new Highlighter(parseSearchWords(q, 'all'))
    .highlights(readTexts(textsWith(fields)))
    .map(({ text, ranges }) => {
      let [result, done] = ['', 0];
      for (const [start, end] of ranges) {
        result += `${text.slice(done, start)}[${text.slice(start, end)}]`;
        done = end;
      }
      return result + text.slice(done);
    });
}

describe('Highlighter', () => {
  it.each([
    ['cust', 'All customers', 'All [cust]omers'],
    ['custoemrs ', 'All customers', 'All [customers]'],
    ['orders', 'customerOrders', 'customer[Orders]'],
    ['customer orders', 'customerOrders', '[customerOrders]'],
    ['customerOrders', 'customer_orders x', '[customer]_[orders] x'],
    ['database', 'the data base', 'the [data] [base]'],
    ['zuri', 'in Zürich', 'in [Züri]ch'],
    ['finan', 'ﬁnance', '[ﬁnance]'],
    ['zuri', 'in Zu\u0308rich', 'in [Züri]ch'],
    ['"cust"', 'cust customers', '[cust] customers'],
  ])('%s in %s: %s', (q, text, expected) => {
    expect(marked(q, { description: text })).toEqual([expected]);
  });

  it('shows nothing of texts that do not match, nor for words that are excluded', () => {
    expect(marked('orders -old', { name: 'orders', description: 'old things' })).toEqual(['[orders]']);
    expect(marked('', { name: 'orders' })).toEqual([]);
  });

  it('shows the part around the first match of a long text', () => {
    const text = `${'lorem '.repeat(100)}the orders ${'ipsum '.repeat(100)}`;
    const [found] = new Highlighter(parseSearchWords('orders', 'all')).highlights(
      readTexts(textsWith({ description: text })),
    );
    const [start, end] = found?.ranges[0] ?? [0, 0];
    expect(found?.text.slice(start, end)).toBe('orders');
    expect(found?.text).toMatch(/^….*…$/s);
    expect(found?.text.length).toBe(highlightLimits.textLength + 2);
  });

  it('shows a few of many texts of one field', () => {
    const texts = Array.from({ length: 50 }, () => textsWith({ tags: 'orders' })).flat();
    expect(new Highlighter(parseSearchWords('orders', 'all')).highlights(readTexts(texts))).toHaveLength(
      highlightLimits.perField,
    );
  });

  it('shows something of every document that matches words, within the text and in order', () => {
    let found = 0;
    fc.assert(
      fc.property(anySearch, anyTexts, (search, texts) => {
        const matcher = new Matcher(search, readableBits([openRequirement]));
        const highlights = new Highlighter(search).highlights(readTexts(texts));
        for (const { text, ranges } of highlights) {
          let done = -1;
          for (const [start, end] of ranges) {
            expect(start).toBeGreaterThan(done);
            expect(end).toBeGreaterThan(start);
            done = end;
          }
          expect(done).toBeLessThanOrEqual(text.length);
        }
        const isSplit = search.segments.some(({ halves }) => halves.length > 0);
        if (search.count === 0 || isSplit || matcher.match(wordsOf(texts)) === undefined) return;
        found += 1;
        expect(highlights.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(50);
  });

  it('L12 keeps few of the words that it has compared, however long a search stands', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heapBytes = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const highlighter = new Highlighter(parseSearchWords('customerorders', 'all'));
    const read = (from: number): void => {
      const words = Array.from({ length: 1000 }, (_, at) => `customer${from + at}`);
      highlighter.highlights(readTexts(textsWith({ description: words.join(' ') })));
    };
    read(0);
    const before = heapBytes();
    for (let from = 0; from < 200_000; from += 1000) read(from);
    expect(heapBytes() - before).toBeLessThan(4 * 1024 * 1024);
    // it is still there
    expect(highlighter.highlights(readTexts(textsWith({ name: 'customer_orders' })))).toHaveLength(1);
  });
});
