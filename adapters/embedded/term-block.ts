/*
 * What a run of records is found by: 32 bits of hash for each of its keys. Entries by term, one for each term of each
 * event, would cost ten times the room, and LMDB would copy a page for each; the few readers that look far back can
 * well go through the terms of a million events, which takes a tenth of a second.
 *
 * Numbers of 32 bits: how many records; then of each in order how many hashes, and those.
 */
import { spreadHash } from '../../channels/event/hash.ts';

/** Most records of one block: two or three pages. */
export const maxBlockRecords = 256;

/** Two keys may share a hash, so whoever reads looks at the event. */
export function keyHash(key: string): number {
  return spreadHash(key)[0];
}

export function encodeBlock(hashes: readonly (readonly number[])[]): Buffer {
  const numbers = [hashes.length, ...hashes.flatMap((of) => [of.length, ...of])];
  return Buffer.from(Uint32Array.from(numbers).buffer);
}

function numbersOf(block: Buffer): Uint32Array {
  // what LMDB gives stands anywhere in memory
  return new Uint32Array(block.buffer.slice(block.byteOffset, block.byteOffset + block.length));
}

export function recordCount(block: Buffer): number {
  return numbersOf(block)[0] ?? 0;
}

/** Which records of the block have one of the hashes: their places in it, ascending. */
export function matchingRecords(block: Buffer, wanted: ReadonlySet<number>): readonly number[] {
  const numbers = numbersOf(block);
  const found: number[] = [];
  for (let place = 0, at = 1; at < numbers.length; place++) {
    const end = at + 1 + (numbers[at] ?? 0);
    let matches = false;
    for (let i = at + 1; i < end && !matches; i++) matches = wanted.has(numbers[i] ?? 0);
    if (matches) found.push(place);
    at = end;
  }
  return found;
}
