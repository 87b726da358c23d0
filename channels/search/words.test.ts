import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finestWords, folded, maxWordLength, tokensOf } from './words.ts';

describe('tokensOf', () => {
  it.each([
    ['customer_orders', ['customer', 'orders']],
    ['sales.orders-v2/raw:x', ['sales', 'orders', 'v2', 'raw', 'x']],
    ['customerOrders', ['customerorders(customer orders)']],
    ['HTTPServerLog', ['httpserverlog(http server log)']],
    ['orders2024', ['orders2024(orders 2024)']],
    ['iPhone v2 s3Bucket', ['iphone', 'v2', 's3bucket(s3 bucket)']],
    ['ORDERS', ['orders']],
    ['Zürich Ångström', ['zurich', 'angstrom']],
    ['ΟΔΟΣ οδός', ['οδοσ', 'οδοσ']],
    ['ﬁnance １２', ['finance', '12']],
    ['顧客data', ['顧', '客', 'data']],
    ['a1b2c3d4e5f6a7b8c9', ['a1b2c3d4e5f6a7b8c9']],
    ['', []],
    ['--- ½', []],
  ])('%s', (text, expected) => {
    const shown = tokensOf(text).map(({ word, parts }) =>
      parts.length === 0 ? word : `${word}(${parts.map((part) => part.word).join(' ')})`,
    );
    expect(shown).toEqual(expected);
  });

  it('takes both spellings of a letter with a mark for the same', () => {
    expect(tokensOf('Zu\u0308rich')).toEqual(tokensOf('Zürich'));
  });

  it('leaves out what is no word', () => {
    expect(tokensOf(`${'x'.repeat(maxWordLength + 1)} ${'y'.repeat(maxWordLength)}`)).toHaveLength(1);
  });

  it('says where each word is, in order, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (raw) => {
        const text = raw.normalize('NFC');
        let end = 0;
        for (const token of tokensOf(raw)) {
          expect(token.start).toBeGreaterThanOrEqual(end);
          expect(folded(text.slice(token.start, token.end))).toBe(token.word);
          for (const part of token.parts) expect(folded(text.slice(part.start, part.end))).toBe(part.word);
          ({ end } = token);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('folds to what it folds to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        for (const { word } of tokensOf(text)) expect(folded(word)).toBe(word);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('finestWords', () => {
  it('gives the same for all ways to write a name', () => {
    for (const name of ['customerOrders', 'customer_orders', 'Customer.Orders', 'CUSTOMER ORDERS'])
      expect(finestWords(name)).toEqual(['customer', 'orders']);
  });
});
