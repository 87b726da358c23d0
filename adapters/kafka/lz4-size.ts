const frameMagic = 0x184d2204;

/** A length that continues for as long as its bytes are 255. */
function longLength(bytes: Buffer, at: number): { readonly length: number; readonly next: number } {
  let length = 0;
  for (let next = at; ;) {
    const more = bytes.readUInt8(next++);
    length += more;
    if (more < 255) return { length, next };
  }
}

/** What one block inflates to: the lengths of its literals and copies, without making either. */
function blockSize(block: Buffer): number {
  let size = 0;
  for (let at = 0; at < block.length;) {
    const token = block.readUInt8(at++);
    let literals = token >> 4;
    if (literals === 15) {
      const { length, next } = longLength(block, at);
      [literals, at] = [literals + length, next];
    }
    size += literals;
    at += literals;
    // the last sequence of a block has literals only
    if (at >= block.length) return size;
    at += 2;
    let copied = (token & 15) + 4;
    if (copied === 19) {
      const { length, next } = longLength(block, at);
      [copied, at] = [copied + length, next];
    }
    size += copied;
  }
  return size;
}

/** Size of the blocks of one frame that begins behind its magic number, and where it ends. */
function frameSize(bytes: Buffer, start: number): { readonly size: number; readonly next: number } {
  const flags = bytes.readUInt8(start);
  const blockChecksum = (flags & 0x10) === 0 ? 0 : 4;
  let at = start + 3 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
  let size = 0;
  for (;;) {
    const head = bytes.readUInt32LE(at);
    at += 4;
    if (head === 0) return { size, next: at + ((flags & 0x04) === 0 ? 0 : 4) };
    const length = head & 0x7fffffff;
    size += head > 0x7fffffff ? length : blockSize(bytes.subarray(at, at + length));
    at += length + blockChecksum;
  }
}

/**
 * What an LZ4 frame inflates to. The format says it only if its writer wants to, and up to 255 times its size can come
 * of it, so it is added up from the lengths in the blocks; that costs a small part of inflating them.
 * @throws RangeError when the bytes are not one whole frame
 */
export function lz4Size(bytes: Buffer): number {
  if (bytes.readUInt32LE(0) !== frameMagic) throw new RangeError('not an LZ4 frame');
  const { size, next } = frameSize(bytes, 4);
  // a batch is one frame; the decoder would pass a second one over
  if (next !== bytes.length) throw new RangeError('trailing bytes after the LZ4 frame');
  return size;
}
