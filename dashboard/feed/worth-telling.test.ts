import { expect, it } from 'vitest';
import { worthTelling } from './worth-telling.ts';

it('tells once what people have said and what it has changed, and what they have said without an effect', () => {
  const told = worthTelling([
    ['/description', { old: 'a', new: 'b' }],
    ['/curated/description', { new: { value: 'b', by: 'ada' } }],
    ['/curated/domain', { new: { value: 'crm', source: 'retail' } }],
    ['/owners/k1', { new: { id: 'ada', type: 'user' } }],
    ['/curated/owners/k2', { new: { key: 'ada', value: {} } }],
    ['/curated/owners/k3', { old: { key: 'bob', value: null } }],
    ['/columns/c/classifications/k', { new: { scheme: 'pii', name: 'x' } }],
    ['/columns/c/curated/classifications/l', { new: { scheme: 'pii', name: 'x', by: 'ada' } }],
  ]);
  expect(told.map(([pointer]) => pointer)).toEqual([
    ...['/description', '/curated/domain', '/owners/k1', '/curated/owners/k3', '/columns/c/classifications/k'],
  ]);
});
