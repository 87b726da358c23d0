import fc from 'fast-check';
import { expect, it } from 'vitest';
import { conceptKinds } from '../event/head.ts';
import { normalText } from '../event/normal-text.ts';
import { conceptName, conceptUrn } from './concept-name.ts';

const kind = fc.constantFrom(...conceptKinds);

it('an id and its urn name the same, whatever is in the id', () => {
  fc.assert(
    fc.property(kind, fc.string({ unit: 'grapheme', minLength: 1 }), (of, id) => {
      fc.pre(!id.startsWith('urn:'));
      const urn = conceptUrn(of, id);
      expect(conceptName(of, urn)).toBe(normalText(id));
      expect(conceptUrn(of, conceptName(of, urn))).toBe(urn);
    }),
  );
});

it.each([
  'retail',
  'urn:gov:hub:1',
  'urn:gov:term:retail',
  'urn:gov:domain:',
  'urn:gov:domain:%zz',
  'urn:gov:domain:a%2fb',
])('what is no urn of a domain with an id is named as it is: %s', (text) =>
  expect(conceptName('domain', text)).toBe(text),
);
