import type { AssetDocument } from '../../channels/catalog/document.ts';
import { headOf, type WithoutHead } from '../../channels/catalog/head-of.ts';
import { benchTenant } from './bench-events.ts';

const onsets = [
  'b',
  'c',
  'd',
  'f',
  'g',
  'h',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  't',
  'v',
  'w',
  'st',
  'tr',
  'pr',
  'sh',
  'br',
];
const vowels = ['a', 'e', 'i', 'o', 'u'];
const codas = ['', 'n', 'r', 's', 'l', 't'];
/** 600, about as languages have frequent ones. */
const syllables = onsets.flatMap((onset) => vowels.flatMap((vowel) => codas.map((coda) => onset + vowel + coda)));

/** Numbers that look random, and are the same in each run. */
function mixed(seed: number): number {
  let x = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** One of some 30 000 words; few are frequent and many are rare, as in texts. */
function wordOf(seed: number): string {
  const rank = Math.floor(30_000 ** ((mixed(seed) % 10_000) / 10_000));
  return Array.from({ length: 2 + (rank % 3) }, (_, at) => syllables[mixed(rank * 8 + at) % syllables.length]).join('');
}

/** As long as the others, of the same syllables, and nearly always another one. */
export function rareWord(number: number, place: number): string {
  const seed = number * 64 + place * 8;
  return Array.from({ length: 4 + (number % 2) }, (_, at) => syllables[mixed(seed + at) % syllables.length]).join('');
}

/** The words of the name of an asset. */
export function benchWord(asset: number, place: number): string {
  return wordOf(asset * 1000 + place);
}

/** An asset of 30 columns and about 110 different words. */
export function benchAsset(number: number): AssetDocument {
  const words = (from: number, count: number): string[] =>
    Array.from({ length: count }, (_, at) => benchWord(number, from + at));
  const name = words(0, 2).join('_');
  const time = '2026-03-01T09:00:00.000Z';
  const asset: WithoutHead<AssetDocument> = {
    ...{ kind: 'asset', tenant: benchTenant, urn: `urn:gov:bench:${number}`, version: 1, connector: 'bench' },
    ...{ type: `type-${number % 8}`, sources: [], createdAt: time, updatedAt: time, status: 'active' },
    ...{ aliases: [], terms: [], properties: [], quality: [] },
    name: `${name}_${number}`,
    fqn: `db${number % 50}.schema${number % 7}.${name}_${number}`,
    platform: `platform-${number % 5}`,
    domain: `domain-${number % 40}`,
    owners: [{ id: `user-${number % 300}`, type: 'user' }],
    classifications: [
      { scheme: 'pii', name: `tag-${number % 60}`, origin: 'manual', state: 'confirmed', connector: 'bench' },
    ],
    description: words(10, 40).join(' '),
    columns: Array.from({ length: 30 }, (_, at) => ({
      ...{ key: `c${at}`, name: words(100 + 2 * at, 2).join('_'), classifications: [] },
    })),
  };
  return { ...asset, head: headOf(asset) };
}
