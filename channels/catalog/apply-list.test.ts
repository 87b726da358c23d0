import { describe, expect, it } from 'vitest';
import {
  applyClassifications,
  applyColumns,
  applyList,
  applyProperties,
  applyQuality,
  type ParentsOf,
} from './apply-list.ts';
import { sha256Text } from '../event/hash.ts';
import type { ColumnPatch, ListChange } from './change.ts';
import type { Classification, Column, SourcedClassification } from './document.ts';

const none: ParentsOf = () => [];
const tag = (name: string, fields: Partial<Classification> = {}): Classification => ({
  scheme: 'pii',
  name,
  origin: 'manual',
  state: 'confirmed',
  ...fields,
});
const said = (connector: string, name: string): SourcedClassification => ({ ...tag(name), connector });
const names = (list: readonly { readonly name: string }[]): readonly string[] => list.map((item) => item.name);

describe('applyList', () => {
  const keyOf = (item: string): string => item;

  it('state replaces and keeps the order and each item once', () => {
    expect(applyList(['x'], { mode: 'state', list: ['b', 'a', 'b'] }, keyOf)).toEqual(['b', 'a']);
  });

  it('delta appends what is new, replaces in place, and removes last', () => {
    expect(applyList(['a', 'b'], { mode: 'delta', add: ['c', 'a'], remove: ['b', 'c', 'z'] }, keyOf)).toEqual(['a']);
    const byId = (item: { id: string; n?: number } | string): string => (typeof item === 'string' ? item : item.id);
    expect(
      applyList([{ id: 'a', n: 1 }, { id: 'b' }], { mode: 'delta', add: [{ id: 'a', n: 2 }], remove: [] }, byId),
    ).toEqual([{ id: 'a', n: 2 }, { id: 'b' }]);
  });
});

describe('applyClassifications', () => {
  const current = [said('atlas', 'email'), said('scanner', 'email'), said('scanner', 'phone')];

  it('a state replaces only what the same connector said', () => {
    const next = applyClassifications(current, { mode: 'state', list: [tag('name')] }, 'atlas', none);
    expect(next).toEqual([said('scanner', 'email'), said('atlas', 'name'), said('scanner', 'phone')]);
    expect(applyClassifications(current, { mode: 'state', list: [] }, 'scanner', none)).toEqual([
      said('atlas', 'email'),
    ]);
  });

  it('a delta cannot remove what another connector said', () => {
    expect(
      applyClassifications(
        current,
        { mode: 'delta', add: [], remove: [{ scheme: 'pii', name: 'phone' }] },
        'atlas',
        none,
      ),
    ).toEqual(current);
    expect(
      applyClassifications(
        current,
        { mode: 'delta', add: [], remove: [{ scheme: 'pii', name: 'phone' }] },
        'scanner',
        none,
      ),
    ).toHaveLength(2);
  });

  it('has one order, whatever the source lists first', () => {
    const one = applyClassifications([], { mode: 'state', list: [tag('b'), tag('a')] }, 'atlas', none);
    expect(names(one)).toEqual(['a', 'b']);
  });

  const parents: Readonly<Record<string, readonly string[]>> = { email: ['contact'], contact: ['personal'] };
  const parentsOf: ParentsOf = (scheme, name) => (scheme === 'pii' ? (parents[name] ?? []) : []);

  it('drops what another tag of the state implies, however far up', () => {
    const state = { mode: 'state', list: [tag('personal'), tag('email'), tag('contact')] } as const;
    expect(names(applyClassifications([], state, 'atlas', parentsOf))).toEqual(['email']);
  });

  it('keeps a super-type that stands alone, is of another scheme, or comes as a delta', () => {
    expect(names(applyClassifications([], { mode: 'state', list: [tag('contact')] }, 'atlas', parentsOf))).toEqual([
      'contact',
    ]);
    expect(
      applyClassifications(
        [],
        { mode: 'state', list: [tag('email'), tag('contact', { scheme: 'gdpr' })] },
        'atlas',
        parentsOf,
      ),
    ).toHaveLength(2);
    expect(
      applyClassifications([], { mode: 'delta', add: [tag('email'), tag('contact')], remove: [] }, 'atlas', parentsOf),
    ).toHaveLength(2);
  });

  it('D8: loses no tag to a cycle of definitions', () => {
    const ring: ParentsOf = (_scheme, name) => ({ a: ['b'], b: ['c'], c: ['a'], d: ['a'], self: ['self'] })[name] ?? [];
    expect(names(applyClassifications([], { mode: 'state', list: [tag('a'), tag('b')] }, 'atlas', ring))).toEqual([
      'a',
      'b',
    ]);
    expect(
      names(applyClassifications([], { mode: 'state', list: [tag('a'), tag('d'), tag('c')] }, 'atlas', ring)),
    ).toEqual(['d']);
    expect(names(applyClassifications([], { mode: 'state', list: [tag('self')] }, 'atlas', ring))).toEqual(['self']);
  });
});

describe('applyColumns', () => {
  const at = (version: number) => ({
    version,
    connector: 'atlas',
    parentsOf: none,
    elementKey: (element: string) => sha256Text(element),
  });
  const state = (...list: readonly ColumnPatch[]): ListChange<ColumnPatch, string> => ({ mode: 'state', list });
  const keys = (columns: readonly Column[]): Readonly<Record<string, string>> =>
    Object.fromEntries(columns.map((column) => [column.name, column.key]));
  const first = applyColumns(
    [],
    state({ name: 'id', type: 'int' }, { name: 'mail', description: 'address' }, { name: 'age' }),
    at(1),
  );

  it('gives each column a key of its own', () => {
    expect(new Set(Object.values(keys(first))).size).toBe(3);
  });

  it('keeps keys over a change of order and the renaming of others, and gives a renamed one a new key', () => {
    const next = applyColumns(first, state({ name: 'e_mail' }, { name: 'age' }, { name: 'id' }), at(2));
    expect(names(next)).toEqual(['e_mail', 'age', 'id']);
    expect(keys(next)).toMatchObject({ id: keys(first)['id'], age: keys(first)['age'] });
    expect(Object.values(keys(first))).not.toContain(keys(next)['e_mail']);
  });

  it('a column that was removed and comes back is another one', () => {
    const without = applyColumns(first, { mode: 'delta', add: [], remove: ['mail'] }, at(2));
    expect(names(without)).toEqual(['id', 'age']);
    expect(keys(applyColumns(without, { mode: 'delta', add: [{ name: 'mail' }], remove: [] }, at(3)))['mail']).not.toBe(
      keys(first)['mail'],
    );
  });

  it('keeps what a patch does not name and removes what it nulls', () => {
    const next = applyColumns(
      first,
      {
        mode: 'delta',
        add: [
          { name: 'id', description: 'key' },
          { name: 'mail', description: null },
        ],
        remove: [],
      },
      at(2),
    );
    expect(next[0]).toMatchObject({ type: 'int', description: 'key' });
    expect(next[1]).not.toHaveProperty('description');
  });

  it('adds up two patches of one column in one delta', () => {
    const next = applyColumns(
      [],
      {
        mode: 'delta',
        add: [
          { name: 'id', type: 'int' },
          { name: 'id', description: 'key' },
        ],
        remove: [],
      },
      at(1),
    );
    expect(next).toEqual([expect.objectContaining({ name: 'id', type: 'int', description: 'key' })]);
  });

  it('keeps tags that another connector put on a column', () => {
    const tagged = applyColumns(
      first,
      { mode: 'delta', add: [{ name: 'mail', classifications: { mode: 'state', list: [tag('email')] } }], remove: [] },
      { ...at(2), connector: 'scanner' },
    );
    const next = applyColumns(tagged, state({ name: 'mail', classifications: { mode: 'state', list: [] } }), at(3));
    expect(next[0]?.classifications).toEqual([said('scanner', 'email')]);
  });
});

describe('applyProperties and applyQuality', () => {
  it('merge by key, remove by null, and sort', () => {
    const held = [
      { key: 'a', value: 1 },
      { key: 'z', value: 'last' },
    ];
    expect(applyProperties(held, { z: null, 'b.c': { d: [] }, a: 2, unknown: null })).toEqual([
      { key: 'a', value: 2 },
      { key: 'b.c', value: { d: [] } },
    ]);
  });

  it('keep the last result of each check', () => {
    const result = (check: string, status: 'passed' | 'failed') => ({
      check,
      status,
      time: '2026-05-04T08:00:00.000Z',
    });
    expect(
      applyQuality(
        [result('rows', 'passed'), result('age', 'passed')],
        [result('rows', 'failed'), result('new', 'passed')],
      ),
    ).toEqual([result('age', 'passed'), result('new', 'passed'), result('rows', 'failed')]);
  });
});
