import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tagText } from '../event/head.ts';
import { headWith } from '../../test/harness/heads.ts';
import { channelFilter, channelForms } from './channel-name.ts';
import { compileFilter } from './compile-filter.ts';
import { createSelection } from './selection.ts';

describe('channelFilter', () => {
  it.each([
    ['assets', { op: 'eq', field: 'kind', value: 'asset' }],
    ['alerts', { op: 'eq', field: 'kind', value: 'alert' }],
    ['asset:urn:gov:a:b', { op: 'eq', field: 'urn', value: 'urn:gov:a:b' }],
    ['asset:urn:gov:a%25b%3A', { op: 'eq', field: 'urn', value: 'urn:gov:a%b:' }],
    ['domain:Verk%C3%A4ufe', { op: 'eq', field: 'domain', value: 'Verkäufe' }],
    ['domain:Verkäufe', { op: 'eq', field: 'domain', value: 'Verkäufe' }],
    ['domain:*', { op: 'eq', field: 'domain', value: '*' }],
    ['classification:pii/email', { op: 'eq', field: 'tags', value: 'pii/email' }],
    ['classification:pii/*', { op: 'startsWith', field: 'tags', value: 'pii/' }],
    ['classification:pii/%2A', { op: 'eq', field: 'tags', value: 'pii/*' }],
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
    [undefined, 'non-empty text'],
    [7, 'non-empty text'],
    ['', 'non-empty text'],
    ['asset', 'unknown channel'],
    ['Assets', 'unknown channel'],
    ['assets ', 'unknown channel'],
    ['constructor', 'unknown channel'],
    ['constructor:x', 'unknown channel'],
    ['topic:x', 'unknown channel'],
    [':x', 'a name is missing'],
    ['asset:', 'a name is missing'],
    ['classification:pii', 'scheme/name'],
    ['classification:/email', 'scheme/name'],
    ['classification:pii/', 'scheme/name'],
    [`asset:${'u'.repeat(1024)}`, 'at most 1024 characters'],
  ])('refuses %j and lists the known forms', (name, problem) => {
    expect(() => channelFilter(name)).toThrow(
      expect.objectContaining({ code: 'invalid-channel', message: expect.stringContaining(problem) }),
    );
    expect(() => channelFilter(name)).toThrow(channelForms.join(', '));
  });

  it.each(['asset:%', 'domain:100%', 'domain:%zz', 'domain:%ff', 'classification:%/a', 'classification:a/%e4'])(
    'refuses broken percent-encoding in %s',
    (name) => {
      expect(() => channelFilter(name)).toThrow(
        expect.objectContaining({ code: 'invalid-channel', message: expect.stringContaining('%25') }),
      );
    },
  );

  it('reads back whatever was percent-encoded', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }),
        fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
        (value, other) => {
          expect(channelFilter(`domain:${encodeURIComponent(value)}`)).toMatchObject({ value });
          expect(channelFilter(`asset:${encodeURIComponent(value)}`)).toMatchObject({ value });
          fc.pre(other !== '*');
          expect(channelFilter(`classification:${encodeURIComponent(value)}/${encodeURIComponent(other)}`)).toEqual({
            op: 'eq',
            field: 'tags',
            value: tagText(value, other),
          });
        },
      ),
    );
  });

  it('D8: stands for nothing but its own condition, so a filter can only narrow it', () => {
    const { matches } = createSelection('domain:hr', { $or: [{ type: 'table' }, {}] });
    expect(matches(headWith({ domain: 'hr' }))).toBe(true);
    expect(matches(headWith({ domain: 'sales' }))).toBe(false);
    expect(compileFilter(channelFilter('classification:pii/*'))(headWith({ tags: ['piix/a'] }))).toBe(false);
  });
});
