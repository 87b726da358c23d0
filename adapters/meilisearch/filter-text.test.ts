import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyFilter, anyHead } from '../../test/harness/heads.ts';
import { parseStandInFilter, type Stored } from '../../test/harness/meili-stand-in/stand-in-filter.ts';
import type { Head } from '../../channels/event/head.ts';
import { compileFields, compileFilter } from '../../channels/subscription/compile-filter.ts';
import type { Filter } from '../../channels/subscription/filter.ts';
import { parseFilter } from '../../channels/subscription/parse-filter.ts';
import { placesOf, rawPlaces } from './attribute-names.ts';
import { filterText } from './filter-text.ts';
import { storedRow } from './stored-row.ts';

/** Some fields may be seen with requirement 3 only. */
function rowOf(head: Head, hidden: readonly (keyof Head)[]): Stored {
  const named = (isHidden: boolean): Partial<Head> =>
    Object.fromEntries(Object.entries(head).filter(([name]) => hidden.some((each) => each === name) === isHidden));
  const visible = [
    { requirement: 0, fields: named(false) },
    { requirement: 3, fields: named(true) },
  ] as const;
  const { tenant, urn } = head;
  return { ...storedRow({ tenant, urn, version: 1, ord: 1, head, visible, texts: [] }, 'b') };
}

const anyHidden = fc.subarray<keyof Head>(['platform', 'domain', 'owners', 'tags', 'severity', 'classifications']);
const visibleOf = (head: Head, hidden: readonly string[]): Partial<Head> =>
  Object.fromEntries(Object.entries(head).filter(([name]) => !hidden.includes(name)));
const isMet = (text: string, row: Stored): boolean => parseStandInFilter(text, () => true)(row);

describe('filterText', () => {
  it('P12 lets through what the filter of the hub does, and more only where it says so', () => {
    let exact = 0;
    fc.assert(
      fc.property(anyFilter.map(parseFilter), anyHead, anyHidden, (filter, head, hidden) => {
        const row = rowOf(head, hidden);
        for (const [places, expected] of [
          [rawPlaces, compileFilter(filter)(head)],
          [placesOf([0, 3]), compileFilter(filter)(head)],
          [placesOf([0]), compileFields(filter)(visibleOf(head, hidden))],
        ] as const) {
          const { text, isExact } = filterText(filter, places);
          if (isExact) expect(isMet(text, row)).toBe(expected);
          else if (expected) expect(isMet(text, row)).toBe(true);
          if (isExact) exact += 1;
        }
      }),
      { numRuns: 2000 },
    );
    // of this world nearly all
    expect(exact).toBeGreaterThan(5000);
  });

  it.each<[Filter, boolean]>([
    [{ op: 'ne', field: 'domain', value: 'secret' }, false],
    [{ op: 'nin', field: 'owners', values: ['ada'] }, false],
    [{ op: 'not', arg: { op: 'startsWith', field: 'name', value: 'x' } }, false],
    [{ op: 'not', arg: { op: 'gt', field: 'severity', value: 3 } }, false],
    [{ op: 'eq', field: 'domain', value: null }, false],
    [{ op: 'exists', field: 'domain', value: false }, false],
    [
      { op: 'not', arg: { op: 'elemMatch', field: 'classifications', arg: { op: 'eq', field: 'name', value: 'a' } } },
      false,
    ],
  ])('fails closed on a document without the attribute: %j', (filter, expected) => {
    expect(isMet(filterText(filter, rawPlaces).text, { s: 0 })).toBe(expected);
  });

  it('sees nothing of a field for a class that reads nothing of it', () => {
    const row = { s: 0, f: { domain: { r0: ['n'] } } };
    const on = (filter: Filter): boolean => isMet(filterText(filter, placesOf([])).text, row);
    expect(on({ op: 'eq', field: 'domain', value: 'a' })).toBe(false);
    expect(on({ op: 'exists', field: 'domain', value: true })).toBe(false);
    expect(on({ op: 'ne', field: 'domain', value: 'a' })).toBe(true);
  });

  it.each([
    { classifications: { $elemMatch: { scheme: 'pii' } } },
    { classifications: { $elemMatch: { scheme: 'pii', name: 'email' } } },
    { columnClassifications: { $elemMatch: { level: { $gte: 2 } } } },
    { columnClassifications: { $elemMatch: { scheme: 'pii', level: { $gte: 2, $lt: 5 } } } },
    { $not: { classifications: { $elemMatch: { level: null } } } },
  ])('is exact for one condition on a classification, and for a tag: %j', (raw) => {
    expect(filterText(parseFilter(raw), rawPlaces).isExact).toBe(true);
  });

  it('says that it is not exact for several conditions on one classification', () => {
    const filter = parseFilter({ classifications: { $elemMatch: { scheme: 'pii', state: 'confirmed' } } });
    expect(filterText(filter, rawPlaces).isExact).toBe(false);
    expect(filterText({ op: 'not', arg: filter }, rawPlaces)).toMatchObject({ isExact: false });
  });

  it('nests no deeper than the server reads', () => {
    let depth: object = { domain: { $nin: ['a', 'b'] } };
    for (const name of ['$or', '$and']) depth = { [name]: [depth, { platform: { $not: { $in: ['x', 'y'] } } }] };
    const { text } = filterText(parseFilter(depth), placesOf([0, 1, 2, 3]));
    let [open, deepest] = [0, 0];
    for (const character of text) {
      if (character === '(') deepest = Math.max(deepest, ++open);
      if (character === ')') open -= 1;
    }
    expect(deepest).toBeLessThan(30);
  });
});
