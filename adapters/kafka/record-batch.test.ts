import { gzipSync } from 'node:zlib';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { describe, expect, it } from 'vitest';
import { inflate } from './codecs.ts';
import { lz4Size } from './lz4-size.ts';
import { readBatch, splitBatches } from './record-batch.ts';

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
const sized = (bytes: Buffer | null): Buffer =>
  bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes]);

interface Sample {
  readonly offset?: number;
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly time?: number;
  readonly headers?: readonly (readonly [Buffer, Buffer | null])[];
}

function record({ offset = 0, key = null, value = null, time = 0, headers = [] }: Sample): Buffer {
  const pairs = headers.map(([name, text]) => Buffer.concat([sized(name), sized(text)]));
  return sized(
    Buffer.concat([
      Buffer.from([0]),
      varint(time),
      varint(offset),
      sized(key),
      sized(value),
      varint(headers.length),
      ...pairs,
    ]),
  );
}

interface BatchFields {
  readonly count?: number;
  readonly attributes?: number;
  readonly last?: number;
}

function batch(packed: Buffer, { count = 1, attributes = 0, last = count - 1 }: BatchFields = {}): Buffer {
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(10n, 0);
  head.writeInt32BE(49 + packed.length, 8);
  head.writeInt8(2, 16);
  head.writeInt16BE(attributes, 21);
  head.writeInt32BE(last, 23);
  head.writeBigInt64BE(1000n, 27);
  head.writeBigInt64BE(2000n, 35);
  head.writeBigInt64BE(-1n, 43);
  head.writeInt32BE(count, 57);
  return Buffer.concat([head, packed]);
}
const text = (words: string): Buffer => Buffer.from(words);

describe('a batch of records', () => {
  it('is read with keys, tombstones, times and headers', async () => {
    const headers = [
      [text('h'), text('1')],
      [text('empty'), null],
      [text('h'), null],
    ] as const;
    const packed = Buffer.concat([
      record({ key: text('k'), value: text('v'), time: 5, headers }),
      record({ offset: 1 }),
    ]);
    const records = await readBatch(batch(packed, { count: 2 }));
    expect(records).toMatchObject([
      {
        offset: '10',
        timestamp: '1005',
        key: text('k'),
        value: text('v'),
        headers: { h: [text('1'), null], empty: null },
      },
      { offset: '11', timestamp: '1000', key: null, value: null, headers: {} },
    ]);
    expect(records[0]).not.toHaveProperty('unreadable');
  });

  it('gives the time of the broker where the topic says so, and marks control records', async () => {
    const records = await readBatch(batch(record({ time: 5 }), { attributes: 0x28 }));
    expect(records).toMatchObject([{ timestamp: '2000', isControlRecord: true }]);
  });

  it('that is empty after compaction is got past', async () => {
    const records = await readBatch(batch(Buffer.alloc(0), { count: 0, last: 4 }));
    expect(records).toMatchObject([{ offset: '14', isControlRecord: true, value: null }]);
  });

  it('with a megabyte of headers in one record costs no more than its bytes', async () => {
    const headers = Array.from({ length: 10_000 }, (_, i) => [text(`h${i}`), Buffer.alloc(95)] as const);
    const startedMs = performance.now();
    const [read] = await readBatch(batch(record({ headers })));
    expect(Object.keys(read?.headers ?? {})).toHaveLength(10_000);
    // copied anew for each header they take some 30 s
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });

  it.each([
    ['ends too early', record({ value: text('a value') }).subarray(0, 5), {}],
    ['has fewer records than it says', record({}), { count: 2 }],
    ['has a billion records', record({}), { count: 1_000_000_000 }],
    ['has a record behind its end', record({ offset: 4 }), {}],
    ['has a record without bytes', varint(-1), {}],
    [
      'has more headers than anybody sends',
      record({ headers: Array.from({ length: 10_001 }, () => [text(''), null]) }),
      {},
    ],
    ['has a number without an end', Buffer.alloc(20, 0xff), {}],
    ['is no gzip', text('not gzip'), { attributes: 1 }],
    ['is no snappy', text('not snappy'), { attributes: 2 }],
    ['is no lz4', text('not lz4'), { attributes: 3 }],
    [
      'has more than one frame of lz4',
      Buffer.concat([compressFrameSync(record({})), compressFrameSync(record({}))]),
      { attributes: 3 },
    ],
    ['is no zstd', text('not zstd'), { attributes: 4 }],
    ['has a codec that nobody knows', record({}), { attributes: 5 }],
  ])('I3: that %s is one record at its end that says why', async (_, packed, options) => {
    const whole = batch(packed, { last: 3, ...options });
    const [only, ...others] = await readBatch(whole);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ offset: '13', value: whole, headers: {}, isControlRecord: false });
    expect(only?.unreadable).toMatchObject({ firstOffset: 10, lastOffset: 13 });
    expect(only?.unreadable?.reason).toMatch(/^records 10 to 13, one batch with compression .*cannot be read: ./u);
  });

  it('is told from the next one; the one that the answer cuts off is left for the next fetch', () => {
    const whole = batch(record({}));
    expect([...splitBatches(Buffer.concat([whole, whole, whole.subarray(0, 63)]))]).toEqual([whole, whole]);
  });
});

describe('codecs', () => {
  const plain = Buffer.from('{"a":1}'.repeat(20_000));
  const xerial = (...blocks: readonly Buffer[]): Buffer =>
    Buffer.concat([
      Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
      ...blocks.flatMap((block) => {
        const length = Buffer.alloc(4);
        length.writeInt32BE(block.length);
        return [length, block];
      }),
    ]);

  it.each([
    ['gzip', 1, gzipSync(plain)],
    ['snappy', 2, compressSync(plain)],
    [
      'snappy in the frames of Java',
      2,
      xerial(compressSync(plain.subarray(0, 50_000)), compressSync(plain.subarray(50_000))),
    ],
    ['lz4', 3, compressFrameSync(plain)],
    ['lz4 with checksums', 3, compressFrameSync(plain, { blockChecksums: true, contentChecksum: true })],
  ])('%s is inflated', async (_, type, packed) => {
    expect((await inflate(type, packed)).equals(plain)).toBe(true);
  });

  it('the size of lz4 is known before it is inflated', () => {
    expect(lz4Size(compressFrameSync(plain))).toBe(plain.length);
    expect(lz4Size(compressFrameSync(Buffer.from('short')))).toBe(5);
  });

  const huge = Buffer.alloc(65 * 1024 * 1024);
  const zstdWindow = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x98, 1, 0, 0]);
  const zstdSize = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x7f, 1, 0, 0]);
  it.each([
    ['gzip', 1, () => gzipSync(huge)],
    ['snappy', 2, () => Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07]), Buffer.alloc(10)])],
    [
      'snappy in many blocks',
      2,
      () => xerial(...Array.from({ length: 66 }, () => compressSync(huge.subarray(0, 1024 * 1024)))),
    ],
    ['lz4', 3, () => compressFrameSync(huge)],
    ['zstd by its window', 4, () => zstdWindow],
    ['zstd by its size', 4, () => zstdSize],
    ['zstd by its blocks', 4, () => zstdBomb()],
  ])('a bomb of %s is refused before it fills the memory', async (_, type, packed) => {
    const before = process.memoryUsage().arrayBuffers;
    await expect(inflate(type, packed())).rejects.toThrow(/more than|larger than/u);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('zstd is inflated', async () => {
    expect(await inflate(4, zstdRuns(3))).toHaveLength(3 * 131_072);
  });

  /** Blocks that say "one byte, 128 KiB times". */
  function zstdRuns(count: number): Buffer {
    const block = (last: number): Buffer => {
      const head = last + (1 << 1) + (131_072 << 3);
      return Buffer.from([head & 255, (head >> 8) & 255, (head >> 16) & 255, 0x61]);
    };
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x48]);
    return Buffer.concat([frame, ...Array.from({ length: count }, (_, i) => block(i === count - 1 ? 1 : 0))]);
  }
  function zstdBomb(): Buffer {
    return zstdRuns(10_000);
  }
});
