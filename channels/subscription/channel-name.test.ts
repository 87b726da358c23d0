import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headWith } from '../../test/harness/heads.ts';
import { channelFilter, channelForms } from './channel-name.ts';
import { compileFilter } from './compile-filter.ts';
import { createSelection } from './selection.ts';

describe('channelFilter', () => {
  it.each([
    ['assets', { op: 'eq', field: 'kind', value: 'asset' }],
    ['alerts', { op: 'eq', field: 'kind', value: 'alert' }],
    ['relationships', { op: 'eq', field: 'kind', value: 'relationship' }],
    ['terms', { op: 'eq', field: 'kind', value: 'term' }],
    ['domain:urn:gov:domain:retail', { op: 'eq', field: 'domain', value: 'retail' }],
    ['asset:urn:gov:a:b', { op: 'eq', field: 'urn', value: 'urn:gov:a:b' }],
    ['asset:urn:gov:a%25b%3A', { op: 'in', field: 'urn', values: ['urn:gov:a%25b%3A', 'urn:gov:a%b:'] }],
    ['domain:Verk%C3%A4ufe', { op: 'in', field: 'domain', values: ['Verk%C3%A4ufe', 'Verkäufe'] }],
    ['domain:100%', { op: 'eq', field: 'domain', value: '100%' }],
    ['domain:*', { op: 'eq', field: 'domain', value: '*' }],
    ['classification:pii/email', { op: 'eq', field: 'tags', value: 'pii/email' }],
    ['classification:pii/*', { op: 'startsWith', field: 'tags', value: 'pii/' }],
    ['classification:pii/%2A', { op: 'in', field: 'tags', values: ['pii/%2A', 'pii/*'] }],
    ['classification:pii/a/b', { op: 'eq', field: 'tags', value: 'pii/a/b' }],
    ['classification:a%2Fb/c', { op: 'eq', field: 'tags', value: 'a%2Fb/c' }],
    [
      'alert:a1',
      {
        op: 'and',
        args: [
          { op: 'eq', field: 'kind', value: 'alert' },
          { op: 'eq', field: 'urn', value: 'a1' },
        ],
      },
    ],
    [
      'term:urn:gov:term:balance',
      {
        op: 'and',
        args: [
          { op: 'eq', field: 'kind', value: 'term' },
          { op: 'eq', field: 'urn', value: 'urn:gov:term:balance' },
        ],
      },
    ],
    [
      'lineage:urn:x',
      {
        op: 'and',
        args: [
          { op: 'eq', field: 'kind', value: 'relationship' },
          { op: 'eq', field: 'refs', value: 'urn:x' },
        ],
      },
    ],
  ])('%s', (name, filter) => {
    expect(channelFilter(name)).toEqual(filter);
  });

  it.each<[unknown, string]>([
    [undefined, 'non-empty string'],
    [7, 'non-empty string'],
    ['', 'non-empty string'],
    ['asset', 'unknown channel'],
    ['Assets', 'unknown channel'],
    ['assets ', 'unknown channel'],
    ['constructor', 'unknown channel'],
    ['constructor:x', 'unknown channel'],
    ['topic:x', 'unknown channel'],
    [':x', 'a name is missing'],
    ['asset:', 'a name is missing'],
    ['asset:\ud800', 'half of a surrogate pair'],
    ['domain:a\udc00b', 'half of a surrogate pair'],
    ['classification:\ud800/*', 'half of a surrogate pair'],
    ['classification:pii', 'scheme/name'],
    ['classification:/email', 'scheme/name'],
    ['classification:pii/', 'scheme/name'],
    [`asset:${'u'.repeat(3200)}`, 'at most 3200 characters'],
  ])('refuses %j and lists the known forms', (name, problem) => {
    expect(() => channelFilter(name)).toThrow(
      expect.objectContaining({ code: 'invalid-channel', message: expect.stringContaining(problem) }),
    );
    expect(() => channelFilter(name)).toThrow(channelForms.join(', '));
  });

  it.each(['classification:%/a', 'classification:%zz/a'])('refuses broken percent-encoding in %s', (name) => {
    expect(() => channelFilter(name)).toThrow(
      expect.objectContaining({ code: 'invalid-channel', message: expect.stringContaining('%25') }),
    );
  });

  it('W15: finds whatever id, as it is and percent-encoded', () => {
    const id = fc.oneof(
      fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
      fc.constantFrom('urn:gov:a:sales%20report', 'urn:gov:a:100%', 'a b', 'a/b?c#d', 'Verka\u0308ufe', '%25'),
    );
    fc.assert(
      fc.property(id, (value) => {
        const head = headWith({ urn: value, domain: value, refs: [value], kind: 'asset' });
        for (const written of [value, encodeURIComponent(value)]) {
          expect(compileFilter(channelFilter(`asset:${written}`))(head)).toBe(true);
          expect(compileFilter(channelFilter(`domain:${written}`))(head)).toBe(true);
          expect(compileFilter(channelFilter(`lineage:${written}`))({ ...head, kind: 'relationship' })).toBe(true);
        }
      }),
    );
  });

  it('W15: finds an id that a proxy or a person has decoded', () => {
    const head = headWith({ urn: 'urn:gov:demo:sales%20report%202026' });
    for (const name of ['sales report 2026', 'sales%20report%202026', 'sales%2520report%25202026'])
      expect(compileFilter(channelFilter(`asset:urn:gov:demo:${name}`))(head)).toBe(true);
    expect(compileFilter(channelFilter('asset:urn:gov:demo:sales'))(head)).toBe(false);
  });

  it('D8: stands for nothing but its own condition, so a filter can only narrow it', () => {
    const { matches } = createSelection('domain:hr', { $or: [{ type: 'table' }, {}] });
    expect(matches(headWith({ domain: 'hr' }))).toBe(true);
    expect(matches(headWith({ domain: 'sales' }))).toBe(false);
    expect(compileFilter(channelFilter('classification:pii/*'))(headWith({ tags: ['piix/a'] }))).toBe(false);
  });
});
