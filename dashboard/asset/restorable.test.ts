import { expect, it } from 'vitest';
import { restorable } from './restorable.ts';

const said = { value: 'x', by: 'ada', at: '' };

it('what people have said can be taken back, and what a source has said cannot', () => {
  const ofPeople = restorable([
    ['/description', { old: 'tbl', new: 'Orders' }],
    ['/curated/description', { new: said }],
    ['/domain', { old: 'crm', new: 'retail' }],
    ['/columns/k1/description', { new: 'x' }],
    ['/columns/k1/curated/description', { new: said }],
  ]);
  expect([...ofPeople]).toEqual([
    [
      '/description',
      {
        before: { texts: { description: 'tbl' }, lists: {} },
        after: { texts: { description: 'Orders' }, lists: {} },
        document: { curated: { description: {} } },
      },
    ],
  ]);
});

it('of lists each member for itself, an owner with the type and role of then', () => {
  const bob = { id: 'bob', type: 'group', role: 'steward' };
  const back = restorable([
    ['/owners/k1', { old: bob }],
    ['/owners/k2', { new: { id: 'ada', type: 'user' } }],
    ['/owners/k3', { new: { id: 'of-source', type: 'user' } }],
    ['/terms/k4', { new: 't1' }],
    ['/curated/owners/c1', { new: { key: 'bob', value: null, source: bob } }],
    ['/curated/owners/c2', { new: { key: 'ada', value: { id: 'ada' } } }],
    ['/curated/terms/c3', { new: { key: 't1', value: 't1' } }],
  ]);
  expect([...back.keys()]).toEqual(['/owners/k1', '/owners/k2', '/terms/k4']);
  expect(back.get('/owners/k1')).toEqual({
    before: { texts: {}, lists: { owners: ['bob'] } },
    after: { texts: {}, lists: { owners: [] } },
    document: { owners: [bob] },
  });
});

it('what nobody had said before is said by nobody again, and what is not told stays', () => {
  const curated = ['/curated/description', { new: said }] as const;
  expect(restorable([['/description', { new: 'Orders' }], curated]).get('/description')?.document).toEqual({});
  expect(restorable([['/description', {}], curated]).size).toBe(0);
});
