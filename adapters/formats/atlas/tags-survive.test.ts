import { describe, expect, it } from 'vitest';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { tag } from './fixtures.ts';
import { Told } from './told-fixture.ts';

const megabytes = 'd'.repeat(3 * 1024 * 1024);
const deep = Array.from({ length: 20 }).reduce<JsonValue>((inner) => ({ inner }), 1);

/** Attributes as types of somebody's own may have them. */
const odd: readonly (readonly [string, JsonObject])[] = [
  ['owner as list', { owner: ['ada', 'bob'] }],
  ['owner as reference', { owner: { guid: 'p-1', typeName: 'Person' } }],
  ['owner beyond 256 characters', { owner: 'o'.repeat(300) }],
  ['owner with a line break', { owner: 'ada\nbob' }],
  ['owner as number', { owner: 7 }],
  ['owner type as list', { owner: 'ada', ownerType: ['GROUP'] }],
  ['description as list', { description: ['a', 'b'] }],
  ['description beyond 64 KiB', { description: 'd'.repeat(70_000) }],
  ['description of megabytes', { description: megabytes }],
  ['user description of megabytes', { userDescription: megabytes }],
  ['comment as object', { comment: { text: 'x' } }],
  ['description of wide characters at the limit', { description: '漢'.repeat(65_536) }],
  ['name as number', { name: 12 }],
  ['name as object', { name: { de: 'Konten' } }],
  ['name beyond the limit', { name: 'n'.repeat(5000) }],
  ['qualified name as list', { qualifiedName: ['a'] }],
  ['qualified name of megabytes', { qualifiedName: megabytes }],
  ['container with an odd guid', { db: { guid: 'a\u0000b', typeName: 'hive_db' } }],
  ['container with an endless guid', { db: { guid: 'g'.repeat(5000), typeName: 'hive_db' } }],
  ['a value of megabytes', { viewText: megabytes }],
  ['a deep value', { parameters: deep }],
  ['a key with NUL', { parameters: { 'a\u0000b': 1 } }],
  ['an attribute without name', { '': 1 }],
  ['an attribute with an endless name', { ['k'.repeat(300)]: 1 }],
  ['more attributes than properties', Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`k${i}`, i]))],
  [
    'properties, description and tags at their limits',
    {
      description: '漢'.repeat(65_536),
      ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, '漢'.repeat(5000)])),
    },
  ],
];

describe('I20, atlas-20: tags of a message whose attributes are odd', () => {
  it.each(odd)('%s: seen at first sight', (_, attributes) => {
    expect(new Told().say('ENTITY_UPDATE', { attributes, classifications: [tag('PII')] }).tags).toEqual(['PII']);
  });

  it.each(odd)('%s: seen later, by each operation', (_, attributes) => {
    for (const operation of ['ENTITY_UPDATE', 'CLASSIFICATION_ADD', 'CLASSIFICATION_UPDATE']) {
      const told = new Told().say('ENTITY_CREATE').say(operation, { attributes, classifications: [tag('PII')] });
      expect(told.tags).toEqual(['PII']);
    }
  });

  it.each(odd)('%s: removed too', (_, attributes) => {
    const told = new Told().say('ENTITY_CREATE', { classifications: [tag('PII')] });
    expect(told.say('CLASSIFICATION_DELETE', { attributes }).tags).toEqual([]);
  });

  it.each(odd)('%s: seen when it is said to have changed', (_, attributes) => {
    const beside = { mutatedDetails: { attributes } };
    expect(new Told().say('ENTITY_UPDATE', { classifications: [tag('PII')] }, beside).tags).toEqual(['PII']);
  });

  it.each<[string, JsonObject]>([
    ['attributes of 17 000 characters', { attributes: { note: 'x'.repeat(17_000) } }],
    ['attributes of megabytes', { attributes: { note: megabytes } }],
    ['attributes as list', { attributes: ['x'] }],
    ['attributes as text', { attributes: 'x' }],
    ['attributes with NUL in a key', { attributes: { 'a\u0000b': 1 } }],
    ['another entity that is no guid', { entityGuid: 7 }],
    ['another entity with an endless guid', { entityGuid: 'g'.repeat(5000) }],
  ])('%s of the tag itself', (_, members) => {
    for (const operation of ['CLASSIFICATION_ADD', 'ENTITY_UPDATE'])
      expect(new Told().say(operation, { classifications: [tag('PII', members)] }).tags).toEqual(['PII']);
    expect(new Told().say('CLASSIFICATION_ADD', {}, { mutatedDetails: [tag('PII', members)] }).tags).toEqual(['PII']);
  });

  it.each<[string, JsonObject]>([
    ['labels', { labels: 'x' }],
    ['terms', { meanings: { a: 1 }, meaningNames: [7, null, {}, 'y'.repeat(400)] }],
    ['custom attributes', { customAttributes: ['x'] }],
    ['business attributes', { businessAttributes: 'x' }],
    ['relationships', { relationshipAttributes: ['x'] }],
    ['people', { updatedBy: ['x'], createdBy: {} }],
    ['display text', { displayText: { a: 1 } }],
    ['attributes as list', { attributes: ['x'] }],
    ['attributes as text', { attributes: 'x' }],
    ['status', { status: 7, deleteHandler: ['x'] }],
  ])('%s of another form beside it', (_, members) => {
    expect(new Told().say('ENTITY_UPDATE', { ...members, classifications: [tag('PII')] }).tags).toEqual(['PII']);
  });

  it('tags that are no more than their names', () => {
    expect(new Told().say('CLASSIFICATION_ADD', { classifications: ['PII', tag('GDPR')] }).tags).toEqual([
      'GDPR',
      'PII',
    ]);
  });

  it('200 tags with the longest attributes are all there', () => {
    const classifications = Array.from({ length: 200 }, (_, i) =>
      tag(`T${i}`, { attributes: { x: 'x'.repeat(16_000) } }),
    );
    const { asset, tags } = new Told().say('CLASSIFICATION_ADD', { classifications });
    expect(tags).toHaveLength(200);
    expect(asset.classifications.filter(({ attributes }) => attributes?.['cutBytes'] === 16_008)).toHaveLength(196);
  });

  it('are seen when the properties of an asset are full', () => {
    const told = new Told();
    for (const letter of ['a', 'b', 'c'])
      told.say('ENTITY_UPDATE', {
        attributes: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${letter}${i}`, i])),
        classifications: [tag(letter)],
      });
    expect(told.tags).toEqual(['c']);
    expect(told.asset.properties).toHaveLength(401);
  });

  it('are seen on an asset that is full already, and the asset says what was left out', () => {
    const told = new Told();
    for (const letter of ['a', 'b', 'c'])
      told.say('ENTITY_UPDATE', {
        attributes: {
          description: 'd'.repeat(65_000),
          ...Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`${letter}${i}`, letter.repeat(800)])),
        },
      });
    expect(told.asset.properties).toHaveLength(360);
    const many = Array.from({ length: 200 }, (_, i) => tag(`T${i}`.padEnd(200, 'x')));
    told.say('CLASSIFICATION_ADD', { classifications: many });
    expect(told.tags).toHaveLength(200);
    expect(JSON.stringify(told.asset).length).toBeLessThan(documentLimits.maxDocumentBytes);
    expect(told.properties).toEqual({ 'pursight.leftOut': expect.stringMatching(/^asset: the document would have/) });
    told.say('ENTITY_UPDATE', { attributes: { name: 'small again' } });
    expect(told.properties).toEqual({});
  });
});

describe('atlas-21: what becomes of an odd attribute', () => {
  it('is a property as long as it is odd', () => {
    const told = new Told().say('ENTITY_CREATE');
    told.say('ENTITY_UPDATE', { attributes: { owner: ['ada', 'bob'], name: 12, description: ['x'] } });
    expect(told.properties).toMatchObject({ owner: ['ada', 'bob'], name: 12, description: ['x'] });
    expect(told.asset).toMatchObject({ owners: [], name: 'current_accounts' });
    told.say('ENTITY_UPDATE', { attributes: { owner: 'ada', name: 'accounts', description: 'x' } });
    expect(told.asset).toMatchObject({ owners: [{ id: 'ada' }], name: 'accounts', description: 'x' });
    expect(told.properties).toEqual({ createTime: 1_700_000_000_000 });
  });

  it('is cut, with a marker that says how long it was', () => {
    const { asset } = new Told().say('ENTITY_UPDATE', { attributes: { description: 'd'.repeat(70_000) } });
    expect(asset.description).toHaveLength(documentLimits.textLength);
    expect(asset.description).toMatch(/^d{65000,}… \[cut, of 70000 characters\]$/);
    const emoji = new Told().say('ENTITY_UPDATE', { attributes: { description: '😀'.repeat(40_000) } }).asset;
    expect(emoji.description).not.toMatch(/\p{Surrogate}/u);
  });

  it('is counted when it finds no place at all', () => {
    const attributes = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`k${i}`, i]));
    const told = new Told().say('ENTITY_UPDATE', { attributes });
    expect(told.asset.properties).toHaveLength(500);
    expect(told.properties['pursight.leftOut']).toBe(401);
  });
});
