import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyBatches } from './body-batches.ts';
import { elementTexts, jsonValues } from './json-values.ts';

describe('jsonValues', () => {
  it.each([
    ['one value over many lines', '{\n "a": 1\n}\n', [{ at: 'line 1', text: '{\n "a": 1\n}' }]],
    [
      'an array',
      '[{"a":1},\n{"b":"],["}]',
      [
        { at: 'element 0', text: '{"a":1}' },
        { at: 'element 1', text: '{"b":"],["}' },
      ],
    ],
    [
      'lines, with empty ones between',
      '{"a":1}\n\n{"b":2}\r\n',
      [
        { at: 'line 1', text: '{"a":1}' },
        { at: 'line 3', text: '{"b":2}' },
      ],
    ],
    [
      'arrays in lines',
      '[1,2]\n[3]',
      [
        { at: 'line 1, element 0', text: '1' },
        { at: 'line 1, element 1', text: '2' },
        { at: 'line 2, element 0', text: '3' },
      ],
    ],
    ['a byte order mark', '\uFEFF{"a":1}', [{ at: 'line 1', text: '{"a":1}' }]],
    ['nothing', ' \n', []],
  ])('reads %s', (_, content, expected) => {
    expect(jsonValues(content)).toEqual(expected);
  });

  it('keeps numbers that JSON.parse would round', () => {
    expect(elementTexts('[12345678901234567890, 1.10]')).toEqual(['12345678901234567890', '1.10']);
  });

  it('tells a broken line and reads on', () => {
    expect(jsonValues('{"a":1}\n{"b":\n{"c":3}')).toMatchObject([
      { at: 'line 1' },
      { at: 'line 2', fault: expect.any(String) },
      { at: 'line 3' },
    ]);
  });

  it('tells a broken document once', () => {
    expect(jsonValues('{\n "a": 1,\n}')).toMatchObject([{ at: 'file', fault: expect.any(String) }]);
  });

  it('gives back the elements of any array', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        const normal = JSON.parse(JSON.stringify(values)) as unknown;
        expect(elementTexts(JSON.stringify(values)).map((text) => JSON.parse(text) as unknown)).toEqual(normal);
      }),
    );
  });
});

describe('bodyBatches', () => {
  it('keeps order, loses nothing and stays within the bounds', () => {
    const items = fc.array(fc.string({ maxLength: 30, unit: 'grapheme' }).map((text) => ({ text })));
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 5 }), (all, maxItems) => {
        const batches = [...bodyBatches(all, { maxItems, maxBytes: 400 })];
        expect(batches.flat()).toEqual(all);
        for (const batch of batches) {
          const body = `[${batch.map(({ text }) => text).join(',')}]`;
          expect(batch.length).toBeLessThanOrEqual(maxItems);
          if (batch.length > 1) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(400);
        }
      }),
    );
  });
});
