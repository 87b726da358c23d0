import { expect, it } from 'vitest';
import { changeWords } from './change-words.ts';

it.each([
  ['/description', { old: 'a', new: 'b' }, 'description: a → b'],
  ['/owners/k1', { new: { id: 'ada', type: 'user' } }, 'owner added: ada'],
  ['/owners/k1', { old: { id: 'ada', type: 'user' } }, 'owner removed: ada'],
  ['/columns/k1/description', { new: 'Mail' }, 'column description added: Mail'],
  [
    '/columns/k1/classifications/k2',
    { new: { scheme: 'pii', name: 'email', state: 'suggested' } },
    'column classification added: pii/email (suggested)',
  ],
  [
    '/quality/k1',
    { old: { check: 'rows', status: 'failed' }, new: { check: 'rows', status: 'passed' } },
    'check: rows failed → rows passed',
  ],
  [
    '/curated/description',
    {
      old: { value: null, source: 'tbl', by: 'ada', at: '' },
      new: { value: 'Orders', source: 'tbl', by: 'ada', at: '' },
    },
    'curated description: none → Orders',
  ],
  [
    '/curated/description',
    {
      old: { value: 'Orders', source: 'tbl', by: 'ada', at: '' },
      new: { value: 'Orders', source: null, by: 'ada', at: '' },
    },
    'description of the source: tbl → nothing',
  ],
  ['/native', {}, 'native changed'],
  ['/description', { new: 'x'.repeat(100) }, `description added: ${'x'.repeat(80)}…`],
])('%s %j is "%s"', (pointer, change, words) => {
  expect(changeWords(pointer, change)).toBe(words);
});
