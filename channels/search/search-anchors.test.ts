import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anySearch, anyTexts, textsWith } from '../../test/harness/search-texts.ts';
import { openRequirement, readableBits } from './attributes.ts';
import { changedWords, type DocumentWords, wordsOf } from './document-words.ts';
import { Matcher } from './match.ts';
import { SearchAnchors } from './search-anchors.ts';
import { parseSearchWords, type SearchWords } from './search-words.ts';

const readable = readableBits([openRequirement]);
const anyImage = fc.option(anyTexts.map(wordsOf), { nil: undefined });

function matchOf(search: SearchWords, image: DocumentWords | undefined): unknown {
  return image === undefined ? undefined : new Matcher(search, readable).match(image);
}

function affectedBy(
  anchors: SearchAnchors<number>,
  before: DocumentWords | undefined,
  after: DocumentWords | undefined,
): ReadonlySet<number> {
  const has = (word: string): boolean => before?.words.has(word) === true || after?.words.has(word) === true;
  return anchors.affected(changedWords(before, after), has);
}

function filed(searches: readonly SearchWords[]): SearchAnchors<number> {
  const anchors = new SearchAnchors<number>();
  for (const [index, search] of searches.entries()) if (search.count > 0) anchors.add(search, index);
  return anchors;
}

const one = (typed: string) => filed([parseSearchWords(typed, 'all')]);
const image = (description: string) => wordsOf(textsWith({ name: 'x', description }));

describe('SearchAnchors', () => {
  it('misses no search that matches or ranks the document in another way than before', () => {
    let changed = 0;
    fc.assert(
      fc.property(
        fc.array(anySearch, { minLength: 1, maxLength: 8 }),
        anyImage,
        anyImage,
        (searches, before, after) => {
          const found = affectedBy(filed(searches), before, after);
          for (const [index, search] of searches.entries()) {
            if (search.count === 0) continue;
            if (JSON.stringify(matchOf(search, before)) === JSON.stringify(matchOf(search, after))) continue;
            changed += 1;
            expect(found).toContain(index);
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(changed).toBeGreaterThan(500);
  });

  it('misses no typo, joined with any other letters', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 5, maxLength: 11 });
    let found = 0;
    fc.assert(
      fc.property(letters, letters, fc.constantFrom('', ' '), (typed, text, end) => {
        const search = parseSearchWords(typed + end, 'all');
        const after = wordsOf(textsWith({ name: text }));
        if (matchOf(search, after) === undefined) return;
        found += 1;
        expect(affectedBy(filed([search]), undefined, after)).toContain(0);
      }),
      { numRuns: 5000 },
    );
    expect(found).toBeGreaterThan(10);
  });

  it('names none whose words the change does not touch', () => {
    const anchors = one('customer orders');
    expect(affectedBy(anchors, image('customer orders'), image('customer orders archive'))).toEqual(new Set());
    expect(affectedBy(anchors, image('customer'), image('customer orders'))).toEqual(new Set([0]));
    expect(affectedBy(anchors, image('customer'), undefined)).toEqual(new Set([0]));
  });

  it('names a search for one half of a split only with the other half', () => {
    const anchors = one('identity');
    expect(affectedBy(anchors, image('x'), image('id'))).toEqual(new Set());
    expect(affectedBy(anchors, image('other'), image('other id'))).toEqual(new Set());
    expect(affectedBy(anchors, image('entity'), image('entity id'))).toEqual(new Set([0]));
  });

  it('names a search that excludes the word, and one of which the name changes its order', () => {
    expect(affectedBy(one('customer -secret'), image('customer secret'), image('customer'))).toEqual(new Set([0]));
    const [before, after] = ['customer orders', 'orders customer'].map((name) => wordsOf(textsWith({ name })));
    expect(affectedBy(one('customer orders'), before, after)).toEqual(new Set([0]));
  });

  it('is after a removal as if the search had never been there', () => {
    fc.assert(
      fc.property(fc.array(anySearch, { minLength: 1, maxLength: 6 }), anyImage, (searches, after) => {
        const anchors = filed(searches);
        for (const index of searches.keys()) if (index % 2 === 0) anchors.remove(index);
        const rest = new Set([...affectedBy(filed(searches), undefined, after)].filter((index) => index % 2 === 1));
        expect(affectedBy(anchors, undefined, after)).toEqual(rest);
        for (const index of searches.keys()) anchors.remove(index);
        expect(anchors.size).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('a search that is filed again replaces the one before', () => {
    const anchors = one('customer');
    anchors.add(parseSearchWords('orders', 'all'), 0);
    expect([anchors.size, affectedBy(anchors, undefined, image('customer')).size]).toEqual([1, 0]);
  });
});
