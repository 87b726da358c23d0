import { promisify } from 'node:util';
import { gunzip as gunzipWithCallback } from 'node:zlib';
import { Decompress } from 'fzstd';
import kafkajs from 'kafkajs';
import { decompressFrame } from 'lz4-napi';
import { uncompress } from 'snappy';
import { lz4Size } from './lz4-size.ts';

/**
 * What one compressed batch may inflate to. Producers bound a batch by its size before compression, by default at
 * 16 KiB to 1 MiB; a few KiB can claim to hold gigabytes.
 */
export const maxInflatedBytes = 64 * 1024 * 1024;

/** Bytes that cannot be what they say they are. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
}

function assertSize(bytes: number): void {
  if (bytes > maxInflatedBytes) throw new CodecError(`inflates to more than ${maxInflatedBytes} bytes`);
}

const gunzip = promisify(gunzipWithCallback);

/** The size stands in front, seven bits a byte. */
function snappySize(block: Uint8Array): number {
  let size = 0;
  for (let index = 0; index < 5; index++) {
    const byte = block[index] ?? 0x80;
    size += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return size;
  }
  throw new CodecError('not a snappy block');
}

async function unsnap(block: Uint8Array): Promise<Buffer> {
  const bytes = await uncompress(block, { asBuffer: true });
  return typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const xerialHeaderBytes = 16;

/** Java clients write blocks, each behind its length; others write one block. */
function snappyBlocks(bytes: Buffer): readonly Buffer[] {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return [bytes];
  const blocks: Buffer[] = [];
  for (let at = xerialHeaderBytes; at < bytes.length;) {
    const length = bytes.readInt32BE(at);
    if (length < 0 || at + 4 + length > bytes.length) throw new CodecError('a snappy block is truncated');
    blocks.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blocks;
}

async function inflateSnappy(bytes: Buffer): Promise<Buffer> {
  const blocks = snappyBlocks(bytes);
  assertSize(blocks.reduce((sum, block) => sum + snappySize(block), 0));
  const inflated: Buffer[] = [];
  for (const block of blocks) inflated.push(await unsnap(block));
  const [first] = inflated;
  return first !== undefined && inflated.length === 1 ? first : Buffer.concat(inflated);
}

/** The decoder makes a buffer of the window's size before it has seen a byte of what is to go into it. */
function assertZstdWindow(bytes: Buffer): void {
  const [flags, window] = [bytes.readUInt8(4), bytes.readUInt8(5)];
  if ((flags & 0x20) === 0) return assertSize(2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8));
  const sizeBytes = 2 ** (flags >> 6);
  const at = 5 + ([0, 1, 2, 4][flags & 3] ?? 0);
  if (sizeBytes === 8) assertSize(Number(bytes.readBigUInt64LE(at)));
  else assertSize(bytes.readUIntLE(at, sizeBytes));
}

function inflateZstd(bytes: Buffer): Buffer {
  assertZstdWindow(bytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const decoder = new Decompress((chunk) => {
    size += chunk.length;
    assertSize(size);
    chunks.push(chunk);
  });
  decoder.push(bytes, true);
  return Buffer.concat(chunks, size);
}

async function inflateLz4(bytes: Buffer): Promise<Buffer> {
  assertSize(lz4Size(bytes));
  return decompressFrame(bytes);
}

const { CompressionTypes, CompressionCodecs } = kafkajs;
const codecs: Readonly<Record<number, (bytes: Buffer) => Promise<Buffer>>> = {
  [CompressionTypes.GZIP]: (bytes) => gunzip(bytes, { maxOutputLength: maxInflatedBytes }),
  [CompressionTypes.Snappy]: inflateSnappy,
  [CompressionTypes.LZ4]: inflateLz4,
  [CompressionTypes.ZSTD]: async (bytes) => inflateZstd(bytes),
};

/** What `compression.type` of a topic may say, for a hub that reads it. */
export const readableCompressions: ReadonlySet<string> = new Set([
  'producer',
  'uncompressed',
  'gzip',
  'snappy',
  'lz4',
  'zstd',
]);

/** `type`: as in the attributes of a batch. @throws Error for one that is not known, or bytes that are not of it */
export async function inflate(type: number, bytes: Buffer): Promise<Buffer> {
  const codec = codecs[type];
  if (codec === undefined) throw new CodecError(`compression type ${type} is not supported`);
  return codec(bytes);
}

/** Tells kafkajs of the codecs, which knows gzip only. It uses them itself for batches of the oldest format. */
export function registerCodecs(): void {
  for (const type of Object.keys(codecs).map(Number)) {
    const codec = { decompress: (bytes: Buffer) => inflate(type, bytes) };
    if (type !== CompressionTypes.GZIP) Object.assign(CompressionCodecs, { [type]: () => codec });
  }
}
