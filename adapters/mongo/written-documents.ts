/*
 * Ingest writes the same entities repeatedly, and decoding what it wrote a moment ago costs more than folding the
 * next change over it. So the documents that this process wrote last are kept. They are never believed: each commit
 * puts a stamp of its own on what it writes, and a kept document counts only while the collection still has its stamp.
 */
import { LRUCache } from 'lru-cache';
import type { CatalogDocument } from '../../channels/catalog/document.ts';

interface WrittenDocument {
  readonly stamp: string;
  readonly document: CatalogDocument;
  /** Its {@link roughBytes}. */
  readonly bytes: number;
}

const maxBytes = 64 * 1024 * 1024;
const bytesPerValue = 24;

/** What a value takes in memory, roughly. */
export function roughBytes(value: unknown): number {
  if (typeof value === 'string') return bytesPerValue + value.length;
  if (typeof value !== 'object' || value === null) return bytesPerValue;
  let bytes = bytesPerValue;
  for (const key in value) bytes += bytesPerValue + roughBytes((value as Readonly<Record<string, unknown>>)[key]);
  return bytes;
}

export class WrittenDocuments {
  readonly #byKey = new LRUCache<string, WrittenDocument>({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }) => bytes,
  });

  /** Call it when the transaction is known to be committed. */
  remember(key: string, written: WrittenDocument): void {
    this.#byKey.set(key, written);
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** The document, if `stamp` is what the collection has for it now. */
  get(key: string, stamp: string | undefined): CatalogDocument | undefined {
    const written = this.#byKey.get(key);
    return written !== undefined && written.stamp === stamp ? written.document : undefined;
  }
}
