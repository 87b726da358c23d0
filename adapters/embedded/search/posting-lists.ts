/*
 * Lists of (document, places), many of them short: most words are in few documents. An array of its own for each would cost more than
 * its content, so all lists share pages of memory. A list is a chain of blocks of 1, 2, 4, ... pairs, so it wastes less than
 * it holds, and which block has its n-th pair follows from n alone.
 *
 * block = address of the next block, then pairs of document number and places
 */

const pageBits = 16;
const pageWords = 1 << pageBits;
/** Pairs of the largest block. */
const maxPairs = 256;
/** Blocks that grow: 1 to `maxPairs / 2` pairs. */
const growing = Math.log2(maxPairs);
const inGrowing = maxPairs - 1;

function pairsOf(block: number): number {
  return block < growing ? 1 << block : maxPairs;
}

/** The block of a list in which its pair of this number is, and the place in it. */
function placeOf(pair: number): { readonly block: number; readonly at: number } {
  if (pair >= inGrowing) {
    const beyond = pair - inGrowing;
    return { block: growing + Math.floor(beyond / maxPairs), at: beyond % maxPairs };
  }
  const block = 31 - Math.clz32(pair + 1);
  return { block, at: pair - ((1 << block) - 1) };
}

/** Called with a document number and its places. */
export type PostingVisitor = (document: number, places: number) => void;

export class PostingLists {
  readonly #pages: Uint32Array[] = [new Uint32Array(pageWords)];
  #used = 0;
  /** Addresses of free blocks by their size. */
  readonly #free: number[][] = Array.from({ length: growing + 1 }, () => []);
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  readonly #counts: number[] = [];
  /** Numbers of lists that were given back. */
  readonly #unused: number[] = [];

  /** Lists there have ever been; their numbers are below it. */
  get length(): number {
    return this.#counts.length;
  }

  /** Memory of the pages. */
  get bytes(): number {
    return this.#pages.length * pageWords * Uint32Array.BYTES_PER_ELEMENT;
  }

  /** A new, empty list. */
  create(): number {
    const unused = this.#unused.pop();
    if (unused !== undefined) return unused;
    this.#first.push(0);
    this.#last.push(0);
    return this.#counts.push(0) - 1;
  }

  count(list: number): number {
    return this.#counts[list] ?? 0;
  }

  add(list: number, document: number, places: number): void {
    const count = this.count(list);
    const { block, at } = placeOf(count);
    if (at === 0) this.#append(list, block, count === 0);
    const address = this.#last[list] ?? 0;
    const page = this.#pageOf(address);
    const offset = (address & (pageWords - 1)) + 1 + 2 * at;
    page[offset] = document;
    page[offset + 1] = places;
    this.#counts[list] = count + 1;
  }

  read(list: number, visit: PostingVisitor): void {
    let left = this.count(list);
    let address = this.#first[list] ?? 0;
    for (let block = 0; left > 0; block++) {
      const page = this.#pageOf(address);
      const offset = address & (pageWords - 1);
      const pairs = Math.min(left, pairsOf(block));
      for (let at = offset + 1; at < offset + 1 + 2 * pairs; at += 2) visit(page[at] ?? 0, page[at + 1] ?? 0);
      left -= pairs;
      address = page[offset] ?? 0;
    }
  }

  /** Removes what is not kept, and gives its memory to other lists. */
  compact(list: number, keeps: (document: number) => boolean): void {
    const kept: number[] = [];
    this.read(list, (document, places) => {
      if (keeps(document)) kept.push(document, places);
    });
    if (kept.length === 2 * this.count(list)) return;
    this.#release(list);
    for (let at = 0; at < kept.length; at += 2) this.add(list, kept[at] ?? 0, kept[at + 1] ?? 0);
  }

  /** Gives back the number of an empty list. */
  drop(list: number): void {
    this.#unused.push(list);
  }

  #release(list: number): void {
    let left = this.count(list);
    let address = this.#first[list] ?? 0;
    for (let block = 0; left > 0; block++) {
      const next = this.#pageOf(address)[address & (pageWords - 1)] ?? 0;
      this.#free[Math.min(block, growing)]?.push(address);
      left -= pairsOf(block);
      address = next;
    }
    this.#counts[list] = 0;
  }

  #append(list: number, block: number, isFirst: boolean): void {
    const address = this.#free[Math.min(block, growing)]?.pop() ?? this.#allocate(1 + 2 * pairsOf(block));
    if (isFirst) this.#first[list] = address;
    else {
      const last = this.#last[list] ?? 0;
      this.#pageOf(last)[last & (pageWords - 1)] = address;
    }
    this.#last[list] = address;
  }

  #allocate(words: number): number {
    if (this.#used + words > pageWords) {
      this.#pages.push(new Uint32Array(pageWords));
      this.#used = 0;
    }
    const address = (this.#pages.length - 1) * pageWords + this.#used;
    this.#used += words;
    return address;
  }

  #pageOf(address: number): Uint32Array {
    const page = this.#pages[Math.floor(address / pageWords)];
    if (page === undefined) throw new RangeError(`no page at ${address}`);
    return page;
  }
}
