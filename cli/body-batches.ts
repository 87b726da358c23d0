/** Bounds of one request body. */
export interface BatchBounds {
  readonly maxItems: number;
  /** Bytes of the body. */
  readonly maxBytes: number;
}

/** Bytes that a list adds to each item: a comma, or a line break. */
const separatorBytes = 1;
const bracketBytes = 2;

/** True when the text alone fits into a body. */
export function fitsBody(text: string, maxBytes: number): boolean {
  return Buffer.byteLength(text) + bracketBytes <= maxBytes;
}

/** Items in order, in as few batches as the bounds allow. An item that is too large for a body must not be among them. */
export function* bodyBatches<Item extends { readonly text: string }>(
  items: Iterable<Item>,
  bounds: BatchBounds,
): Generator<readonly Item[]> {
  let batch: Item[] = [];
  let bytes = bracketBytes;
  for (const item of items) {
    const size = Buffer.byteLength(item.text) + separatorBytes;
    if (batch.length > 0 && (batch.length >= bounds.maxItems || bytes + size > bounds.maxBytes)) {
      yield batch;
      batch = [];
      bytes = bracketBytes;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
