import { describe, expect, it } from 'vitest';
import { sampleAlert, sampleAsset } from '../../adapters/contract/samples.ts';
import { textsWith } from '../../test/harness/search-texts.ts';
import { attributeBit, lowestLevel, type Requirement, readableBits } from './attributes.ts';
import { maxTextLength, textsOf } from './document-texts.ts';
import { changedWords, wordsOf } from './document-words.ts';

const asset = sampleAsset('acme', 'urn:secretid', {
  name: 'customerOrders',
  fqn: 'shop.sales.customerOrders',
  aliases: ['co'],
  description: 'Every order',
  columns: [{ key: 'k', name: 'orderDate', description: 'Day of it', classifications: [] }],
  terms: ['Sale'],
  classifications: [{ scheme: 'pii', name: 'email', origin: 'manual', state: 'confirmed', connector: 'c' }],
  properties: [
    { key: 'team', value: 'Blue' },
    { key: 'raw', value: { hidden: 'nested' } },
  ],
  owners: [{ id: 'ada', type: 'user' }],
  native: { type: 't', contentType: 'text/plain', data: 'canary' },
});

describe('textsOf', () => {
  it('has what is searched, and nothing else', () => {
    const texts = textsOf(asset, asset.head).texts.map(({ level, field, text }) => [level, field, text]);
    expect(texts).toEqual([
      [0, 'name', 'customerOrders'],
      [1, 'fqn', 'shop.sales.customerOrders'],
      [1, 'aliases', 'co'],
      [2, 'columns', 'orderDate'],
      [2, 'terms', 'Sale'],
      [2, 'tags', 'pii/email'],
      [3, 'description', 'Every order'],
      [3, 'columns', 'Day of it'],
      [3, 'properties', 'team Blue'],
      [3, 'properties', 'raw'],
    ]);
  });

  it('has the message of an alert', () => {
    const alert = sampleAlert('acme', 'urn:alert', { reason: 'late load' });
    expect(textsOf(alert, alert.head).texts.map(({ text }) => text)).toEqual(['orders', 'too few rows', 'late load']);
  });

  it('cuts what is too long, last what says least, and says so', () => {
    const long = { ...asset, description: 'x'.repeat(maxTextLength), terms: ['y'.repeat(10)] };
    const { texts, isCut } = textsOf(long, asset.head);
    expect(isCut).toBe(true);
    expect(texts.reduce((sum, { text }) => sum + text.length, 0)).toBe(maxTextLength);
    expect(texts.at(-1)).toMatchObject({ field: 'description' });
    expect(textsOf(asset, asset.head).isCut).toBe(false);
  });
});

describe('wordsOf', () => {
  it('has each word with its places, joined ones with their parts', () => {
    const { words, nameKey } = wordsOf(textsWith({ name: 'customerOrders', tags: 'orders', description: 'orders of' }));
    expect(nameKey).toBe('customer orders');
    expect(Object.fromEntries(words)).toEqual({
      customerorders: attributeBit(0, 0),
      customer: attributeBit(0, 0),
      orders: attributeBit(0, 0) | attributeBit(2, 0) | attributeBit(3, 0),
      of: attributeBit(3, 0),
    });
  });
});

describe('changedWords', () => {
  it('has words that come, go or move, and the name if its words change places', () => {
    const image = (name: string, description = '') => wordsOf(textsWith({ name, description }));
    const changed = (...states: readonly [Parameters<typeof changedWords>[0], Parameters<typeof changedWords>[1]]) =>
      [...changedWords(...states)].toSorted();
    expect(changed(image('a', 'b c'), image('a', 'c d'))).toEqual(['b', 'd']);
    expect(changed(image('a', 'b'), image('a b'))).toEqual(['a', 'b']);
    expect(changed(image('a b'), image('b a'))).toEqual(['a', 'b']);
    expect(changed(undefined, image('a', 'b'))).toEqual(['a', 'b']);
    expect(changed(image('a', 'b'), undefined)).toEqual(['a', 'b']);
    expect(changed(image('a', 'b'), image('a', 'b'))).toEqual([]);
  });
});

describe('attributeBit', () => {
  it('has a bit of its own for each level and requirement, but one for all names', () => {
    const requirements: readonly Requirement[] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const bits = requirements.flatMap((requirement) =>
      ([1, 2, 3] as const).map((level) => attributeBit(level, requirement)),
    );
    const all = [attributeBit(0, 0), ...bits];
    expect(new Set(all).size).toBe(28);
    expect(all.reduce((sum, bit) => sum + bit)).toBe(2 ** 28 - 1);
    expect(attributeBit(0, 5)).toBe(attributeBit(0, 0));
    for (const [index, bit] of bits.entries()) expect(lowestLevel(bit)).toBe((index % 3) + 1);
  });

  it('is read by the classes that meet the requirement', () => {
    const reads = (requirements: readonly Requirement[], bit: number) => (readableBits(requirements) & bit) !== 0;
    expect(reads([], attributeBit(0, 0))).toBe(true);
    expect(reads([], attributeBit(1, 0))).toBe(false);
    expect(reads([0, 8], attributeBit(3, 8))).toBe(true);
    expect(reads([0, 8], attributeBit(3, 7))).toBe(false);
  });
});
