import { describe, expect, it } from 'vitest';
import { filterOf, parseCatalogSearch, toggled } from './catalog-search.ts';

describe('the address of the catalog', () => {
  it('keeps what makes sense, and passes over what does not', () => {
    expect(
      parseCatalogSearch({
        q: 'orders',
        f: { type: ['table', 7, ''], owners: 'ada', colour: ['red'], tags: [] },
        gap: 'no-owner',
        sort: '-name',
        cols: ['tags', 'nothing', 'type', 'type'],
        x: 1,
      }),
    ).toEqual({ q: 'orders', f: { type: ['table'] }, gap: 'no-owner', sort: '-name', cols: ['type', 'tags'] });
    expect([parseCatalogSearch({ cols: [] }), parseCatalogSearch({ cols: 'type' })]).toEqual([{ cols: [] }, {}]);
    expect(parseCatalogSearch({ q: '', f: [], gap: 'everything', sort: 'owners' })).toEqual({});
    expect(parseCatalogSearch({ q: ['a'], f: null })).toEqual({});
  });

  it('becomes a filter: of a field one of its values, of the fields each', () => {
    expect(filterOf({})).toBeUndefined();
    expect(filterOf({ f: { type: ['table'] } })).toEqual({ type: 'table' });
    expect(filterOf({ f: { type: ['table', 'view'], owners: ['ada'] }, gap: 'no-domain' })).toEqual({
      $and: [{ type: { $in: ['table', 'view'] } }, { owners: 'ada' }, { domain: { $exists: false } }],
    });
  });

  it('a value that is chosen twice is no longer chosen', () => {
    const once = toggled({ q: 'x' }, 'tags', 'pii/email');
    expect(once).toEqual({ q: 'x', f: { tags: ['pii/email'] } });
    expect(toggled(once, 'tags', 'pii/email')).toEqual({ q: 'x' });
    expect(toggled(once, 'type', 'table').f).toEqual({ tags: ['pii/email'], type: ['table'] });
  });
});
