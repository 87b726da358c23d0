import { masksPerSegment } from '../../../channels/search/score.ts';
import type { Segment } from '../../../channels/search/search-words.ts';
import type { Bits } from './bits.ts';
import { type Pieces, Piece } from './pieces.ts';
import type { PostingLists } from './posting-lists.ts';
import type { WordIndex } from './word-index.ts';

/**
 * For each document where a segment matches it, in the form that the scorer reads: the exact word, and matches with no, one
 * and two typos. An array by document number is filled from the postings only where something matches.
 */
export type SegmentPlaces = readonly (Uint32Array | undefined)[];

interface Reading {
  readonly words: WordIndex;
  readonly lists: PostingLists;
  /** Places that the class reads. */
  readonly readable: number;
  readonly size: number;
}

function fill(places: Uint32Array, list: number, { lists, readable }: Reading): void {
  lists.read(list, (document, held) => {
    places[document] = (places[document] ?? 0) | (held & readable);
  });
}

/** Both halves in one place of a document count as one typo. */
function fillSplits(places: Uint32Array, [first, second]: readonly [number, number], reading: Reading): void {
  const ofFirst = new Map<number, number>();
  reading.lists.read(first, (document, held) => ofFirst.set(document, held & reading.readable));
  reading.lists.read(second, (document, held) => {
    places[document] = (places[document] ?? 0) | (held & (ofFirst.get(document) ?? 0));
  });
}

function splitsOf({ halves }: Segment, { words, lists }: Reading): readonly (readonly [number, number])[] {
  return halves.flatMap(([one, other]) => {
    const [first, second] = [words.find(one), words.find(other)];
    if (first === undefined || second === undefined) return [];
    return [lists.count(first) <= lists.count(second) ? [first, second] : [second, first]];
  });
}

export function* placesOf(segment: Segment, reading: Reading): Pieces<SegmentPlaces> {
  const { words, lists, size } = reading;
  const piece = new Piece();
  const found = Array.from({ length: masksPerSegment }, (): Uint32Array | undefined => undefined);
  const at = (index: number): Uint32Array => (found[index] ??= new Uint32Array(size));
  for (const { list, typos } of yield* words.matching(segment)) {
    fill(at(1 + typos), list, reading);
    if (piece.isDone(1 + lists.count(list))) yield;
  }
  const exact = words.find(segment.word);
  if (exact !== undefined) fill(at(0), exact, reading);
  for (const split of splitsOf(segment, reading)) {
    fillSplits(at(2), split, reading);
    // the first is made a map
    if (piece.isDone(1 + 4 * lists.count(split[0]) + lists.count(split[1]))) yield;
  }
  return found;
}

/** Adds the documents that the segment matches. */
export function addMatching(places: SegmentPlaces, documents: Bits): void {
  for (const each of places)
    if (each !== undefined)
      for (let document = 0; document < each.length; document++) if (each[document] !== 0) documents.add(document);
}
