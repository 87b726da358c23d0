import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyFilter, anyHead } from '../../../test/harness/heads.ts';
import type { Head } from '../../../channels/event/head.ts';
import { compileFields } from '../../../channels/subscription/compile-filter.ts';
import { parseFilter } from '../../../channels/subscription/parse-filter.ts';
import { sampleRow } from '../../contract/search-samples.ts';
import type { Bits } from './bits.ts';
import { FieldIndex, rawPlace } from './field-index.ts';
import { whole } from './pieces.ts';
import { PostingLists } from './posting-lists.ts';

function numbersOf(bits: Bits): readonly number[] {
  const numbers: number[] = [];
  bits.forEach((number) => numbers.push(number));
  return numbers;
}

const maybeHidden = fc.constantFrom('platform', 'tags', 'severity', 'classifications', 'owners');

it('means by every filter what it means on a head, and on the part of it that is seen', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ head: anyHead, hidden: fc.subarray(['platform', 'tags', 'owners']) }), { maxLength: 40 }),
      fc.array(fc.oneof(anyFilter, maybeHidden.map(missing)), { minLength: 1, maxLength: 6 }),
      (documents, filters) => {
        const index = new FieldIndex(new PostingLists());
        const seen = documents.map(({ head, hidden }) => without(head, hidden));
        for (const [number, { head, hidden }] of documents.entries()) {
          const secret = Object.fromEntries(
            Object.entries(head).filter(([name]) => hidden.some((each) => each === name)),
          );
          const visible = [
            { requirement: 0, fields: without(head, hidden) },
            { requirement: 2, fields: secret },
          ] as const;
          index.add(number, { ...sampleRow('urn:a'), head, visible });
        }
        for (const filter of filters.map(parseFilter)) {
          const matches = compileFields(filter);
          const found = (places: number) => numbersOf(whole(index.matching(filter, places, documents.length)));
          const expected = (heads: readonly Partial<Head>[]) =>
            heads.flatMap((head, number) => (matches(head) ? [number] : []));
          const heads = documents.map(({ head }) => head);
          expect(found(rawPlace)).toEqual(expected(heads));
          expect(found(0b101)).toEqual(expected(heads));
          expect(found(0b001)).toEqual(expected(seen));
          expect(found(0b010)).toEqual(expected(heads.map(() => ({}))));
        }
      },
    ),
    { numRuns: 1000 },
  );
});

function missing(field: string): object {
  if (field === 'classifications') return { classifications: { $elemMatch: { level: null } } };
  return field === 'tags' || field === 'owners' ? { [field]: { $exists: false } } : { [field]: null };
}

/** What is hidden is not there; a list of which everything is hidden is empty. */
function without(head: Head, hidden: readonly string[]): Partial<Head> {
  return Object.fromEntries(Object.entries(head).filter(([name]) => !hidden.includes(name)));
}
