import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sampleAsset } from '../../adapters/contract/samples.ts';
import { diffContent } from '../catalog/diff.ts';
import type { AssetDocument } from '../catalog/document.ts';
import type { HubEvent } from '../event/hub-event.ts';
import { changedWords, wordsOf } from './document-words.ts';
import { textsOf } from './document-texts.ts';
import { eventWords } from './event-words.ts';

const text = fc
  .array(fc.constantFrom('order', 'Orders', 'customerId', 'a', '7', 'straße', 'x1'), { maxLength: 4 })
  .map((all) => all.join(' '));
const tag = fc.record({ scheme: fc.constantFrom('pii', 'order'), name: fc.constantFrom('email', 'a') });
const classification = tag.map((each) => ({ ...each, origin: 'manual', state: 'confirmed' as const, connector: 'c' }));
const unique = <Item>(item: fc.Arbitrary<Item>, key: (each: Item) => string) =>
  fc.uniqueArray(item, { selector: key, maxLength: 2 });
const column = fc.record({
  key: fc.constantFrom('k1', 'k2'),
  name: text.map((each) => each || 'c'),
  description: text,
  classifications: unique(classification, ({ scheme, name }) => `${scheme}/${name}`),
});
const fields = fc.record({
  name: text.map((each) => each || 'n'),
  description: text,
  fqn: text,
  aliases: fc.uniqueArray(text, { maxLength: 2 }),
  terms: fc.uniqueArray(text, { maxLength: 2 }),
  properties: unique(
    fc.record({ key: fc.constantFrom('a', 'order'), value: fc.oneof(text, fc.integer({ max: 20, min: 0 })) }),
    ({ key }) => key,
  ),
  columns: unique(column, ({ key }) => key),
  classifications: unique(classification, ({ scheme, name }) => `${scheme}/${name}`),
});

function assetOf(given: object): AssetDocument {
  return sampleAsset('acme', 'urn:a', given as Partial<AssetDocument>);
}

function eventOf(before: AssetDocument, after: AssetDocument): HubEvent {
  const ops = diffContent(before, after, encodeURIComponent);
  return { data: { change: { ops }, heads: { before: before.head, after: after.head } } } as unknown as HubEvent;
}

it('R16 has every word by which a search may match in another way after an event', () => {
  let changes = 0;
  fc.assert(
    fc.property(fields, fields, fc.subarray(Object.keys(sampleFields())), (one, other, kept) => {
      const before = assetOf(one);
      const after = assetOf({
        ...other,
        ...Object.fromEntries(Object.entries(one).filter(([name]) => kept.includes(name))),
      });
      const { removed, added, isComplete } = eventWords(eventOf(before, after));
      const [was, is] = [before, after].map((each) => wordsOf(textsOf(each, each.head).texts));
      const changed = changedWords(was, is);
      expect([...changed].filter((word) => !removed.has(word) && !added.has(word))).toEqual([]);
      expect(isComplete).toBe(true);
      // what it had is what it has now, or was removed
      expect(
        [...(was?.words.keys() ?? [])].filter((word) => is?.words.has(word) !== true && !removed.has(word)),
      ).toEqual([]);
      changes += changed.size;
    }),
    { numRuns: 2000 },
  );
  expect(changes).toBeGreaterThan(2000);
});

function sampleFields(): object {
  return { name: 0, description: 0, fqn: 0, aliases: 0, terms: 0, properties: 0, columns: 0, classifications: 0 };
}

it('does not take for changed what stays in a text', () => {
  const [before, after] = [
    assetOf({ description: 'all the old orders' }),
    assetOf({ description: 'all the new orders' }),
  ];
  const { removed, added } = eventWords(eventOf(before, after));
  expect([[...removed], [...added]]).toEqual([['old'], ['new']]);
});

it('says where an event does not have what changed', () => {
  const event = eventOf(assetOf({ description: 'old' }), assetOf({ description: 'new' }));
  const ops = [{ op: 'replace' as const, path: '/columns' }];
  const large = { ...event, data: { ...event.data, change: { ...event.data.change, ops } } };
  expect(eventWords(large).isComplete).toBe(false);
});
