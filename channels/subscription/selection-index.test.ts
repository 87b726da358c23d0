import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyFilter, anyHead, headWith } from '../../test/harness/heads.ts';
import type { Head } from '../event/head.ts';
import { createSelection, type Selection } from './selection.ts';
import { SelectionIndex } from './selection-index.ts';

const channel = fc.constantFrom(
  'assets',
  'alerts',
  'asset:a',
  'domain:b',
  'classification:pii/a',
  'classification:gdpr/*',
  'lineage:c',
  'alert:b',
);
const selection = fc
  .tuple(channel, fc.option(anyFilter, { nil: undefined }))
  .map(([name, filter]) => createSelection(name, filter));
const image = fc.option(anyHead);

function found(index: SelectionIndex<null>, before: Head | null, after: Head | null): readonly string[] {
  return [...index.candidates(before, after)].map((entry) => entry.selection.key);
}

function indexOf(selections: readonly Selection[]): SelectionIndex<null> {
  const index = new SelectionIndex<null>();
  for (const each of new Map(selections.map((one) => [one.key, one])).values()) index.add(each, null);
  return index;
}

describe('SelectionIndex', () => {
  it('D2: misses no selection that matches either image, and gives each once', () => {
    fc.assert(
      fc.property(fc.array(selection, { minLength: 1, maxLength: 15 }), image, image, (selections, before, after) => {
        const candidates = found(indexOf(selections), before, after);
        expect(new Set(candidates).size).toBe(candidates.length);
        for (const { key, matches } of selections) {
          if ((before !== null && matches(before)) || (after !== null && matches(after)))
            expect(candidates).toContain(key);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is after any removals as if the removed had never been there', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(selection, { selector: (one) => one.key, maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        anyHead,
        (selections, kept, head) => {
          const index = indexOf(selections);
          selections.forEach((each, i) => kept[i] || index.remove(each.key));
          const left = selections.filter((_, i) => kept[i]);
          expect(found(index, null, head).toSorted()).toEqual(found(indexOf(left), null, head).toSorted());
          expect(index.size).toBe(left.length);
          for (const each of left) index.remove(each.key);
          expect([index.size, found(index, head, head)]).toEqual([0, []]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('looks at no selection on another urn, however many there are', () => {
    const index = indexOf(
      Array.from({ length: 1000 }, (_, i) => createSelection(`asset:urn:gov:${i}`, { status: 'active' })),
    );
    expect(found(index, null, headWith({ urn: 'urn:gov:7' }))).toHaveLength(1);
    expect(found(index, null, headWith({ urn: 'urn:gov:other' }))).toEqual([]);
  });

  it.each<[string, object | undefined, Partial<Head>]>([
    ['assets', { owners: { $in: ['ada', 'bob'] } }, { owners: ['zoe'] }],
    ['classification:pii/*', undefined, { tags: ['gdpr/art9'] }],
    ['assets', { $or: [{ domain: 'hr' }, { domain: 'sales' }] }, { domain: 'ops' }],
    ['lineage:urn:gov:a', undefined, { kind: 'relationship', refs: ['urn:gov:b'] }],
    ['assets', { $and: [{ $or: [{ status: 'active' }, { type: 'view' }] }, { name: 'orders' }] }, { name: 'other' }],
  ])('files %s %j under its most selective terms', (name, filter, other) => {
    expect(found(indexOf([createSelection(name, filter)]), null, headWith(other))).toEqual([]);
  });

  it('looks at a selection without usable terms for every event', () => {
    const everything: Selection = {
      ...createSelection('assets'),
      key: 'all',
      filter: { op: 'not', arg: { op: 'eq', field: 'kind', value: 'alert' } },
    };
    expect(found(indexOf([everything]), headWith(), null)).toEqual(['all']);
  });
});
