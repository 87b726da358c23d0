import { forms } from '../forms/forms.ts';
import type { Vector } from './vector.ts';

/** The last record before a position, by which a reader recognises that the log is still the one that was read. */
export interface Mark {
  readonly offset: number;
  /** Of entity and version, 32 bits. */
  readonly hash: number;
}

/** How far somebody has been served: what a sealed cursor says. */
export interface Cursor {
  readonly epoch: string;
  readonly vector: Vector;
  /** Of each partition; undefined where nothing was read yet. */
  readonly marks: readonly (Mark | undefined)[];
}

/** Far above what a log may have; keeps a damaged text from asking for gigabytes. */
const maxPartitions = 4096;

/** FNV-1a of a record's identity. */
export function recordHash(entity: string, version: number): number {
  const key = `${entity}|${version}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** LEB128, also above 2^32. */
function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new RangeError('the text is truncated');
    return value;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte % 128) * factor;
      if (byte < 128) break;
    }
    if (!Number.isSafeInteger(value)) throw new RangeError('a number is too large');
    return value;
  }

  text(): string {
    const length = this.number();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('the text is truncated');
    const codes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return String.fromCharCode(...codes);
  }
}

/** Bytes of a cursor. Epoch names are ASCII. */
export function encodeCursor({ epoch, vector, marks }: Cursor): Uint8Array {
  const bytes: number[] = [forms.cursor.writes];
  pushNumber(bytes, epoch.length);
  for (let i = 0; i < epoch.length; i++) bytes.push(epoch.charCodeAt(i) & 127);
  pushNumber(bytes, vector.length);
  vector.forEach((next, partition) => {
    pushNumber(bytes, next);
    const mark = marks[partition];
    // 0: no mark; else the distance, at least 1
    pushNumber(bytes, mark === undefined ? 0 : Math.max(1, next - mark.offset));
    if (mark !== undefined) pushNumber(bytes, mark.hash);
  });
  return Uint8Array.from(bytes);
}

/** What `encodeCursor` made, or undefined for anything else. */
export function decodeCursor(bytes: Uint8Array): Cursor | undefined {
  try {
    const reader = new Reader(bytes);
    const form = reader.byte();
    if (form < 1 || form > forms.cursor.reads) return undefined;
    const epoch = reader.text();
    const count = reader.number();
    if (count > maxPartitions) return undefined;
    const vector: number[] = [];
    const marks: (Mark | undefined)[] = [];
    for (let partition = 0; partition < count; partition++) {
      const next = reader.number();
      const distance = reader.number();
      vector.push(next);
      marks.push(distance === 0 ? undefined : { offset: next - distance, hash: reader.number() });
    }
    return { epoch, vector, marks };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
