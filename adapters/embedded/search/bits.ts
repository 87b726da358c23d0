/** A set of document numbers below a size, as bits. */
export class Bits {
  readonly size: number;
  readonly words: Uint32Array;

  constructor(size: number, words = new Uint32Array(Math.ceil(size / 32))) {
    this.size = size;
    this.words = words;
  }

  static all(size: number): Bits {
    return new Bits(size).complement();
  }

  add(number: number): void {
    const at = number >>> 5;
    this.words[at] = (this.words[at] ?? 0) | (1 << (number & 31));
  }

  delete(number: number): void {
    const at = number >>> 5;
    this.words[at] = (this.words[at] ?? 0) & ~(1 << (number & 31));
  }

  has(number: number): boolean {
    return ((this.words[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
  }

  /** Those that are in both. */
  and(other: Bits): Bits {
    return new Bits(
      this.size,
      this.words.map((word, at) => word & (other.words[at] ?? 0)),
    );
  }

  or(other: Bits): Bits {
    return new Bits(
      this.size,
      this.words.map((word, at) => word | (other.words[at] ?? 0)),
    );
  }

  /** Those that are not in it. */
  complement(): Bits {
    const words = this.words.map((word) => ~word);
    const beyond = this.size & 31;
    if (beyond !== 0) words[words.length - 1] = (words.at(-1) ?? 0) & ((1 << beyond) - 1);
    return new Bits(this.size, words);
  }

  /** The same with room for more. */
  grown(size: number): Bits {
    const words = new Uint32Array(Math.ceil(size / 32));
    words.set(this.words);
    return new Bits(size, words);
  }

  /** In ascending order; `from` and `to`: of which 32 each, see `words`. */
  forEach(visit: (number: number) => void, from = 0, to = this.words.length): void {
    for (let at = from; at < Math.min(to, this.words.length); at++) {
      let word = this.words[at] ?? 0;
      while (word !== 0) {
        const lowest = word & -word;
        visit((at << 5) + 31 - Math.clz32(lowest));
        word ^= lowest;
      }
    }
  }
}
