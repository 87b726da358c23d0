/*
 * Record batches of the format that brokers have written since 0.11 (KIP-98), read instead of by kafkajs. There one
 * batch that cannot be read fails the whole fetch, which is then repeated for ever; sizes inside of a batch are believed;
 * and headers are copied for each header again, so that 1 MB of them takes hours.
 */
import { messageOf } from '../../channels/base/thrown.ts';
import { inflate } from './codecs.ts';

/** Where a record came from, as kafkajs needs it to leave out aborted transactions. */
interface BatchContext {
  readonly firstOffset: string;
  readonly lastOffset: string;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly producerId: string;
}

/** A batch that could not be read, as the record at its last offset. */
export interface UnreadableBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly reason: string;
}

/** A record as kafkajs hands it on. */
export interface DecodedRecord {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  /** Of a batch that could not be read: all its bytes. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | (Buffer | null)[] | null>>;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
  readonly unreadable?: UnreadableBatch;
}

/** Bytes before the records of a batch, and those before what its length counts. */
const [headerBytes, lengthOffset] = [61, 12];
/** A few MB can claim to be so many records that their objects fill the memory. */
const maxRecords = 250_000;
const maxHeaders = 10_000;

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Zigzag, up to 2^53: what is larger is no offset, time or length of ours. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
      const byte = this.#bytes.readUInt8(this.#at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new RangeError('a number does not end');
  }

  bytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    if (length > this.left) throw new RangeError(`${length} bytes are announced, ${this.left} are left`);
    const found = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return found;
  }

  byte(): number {
    return this.#bytes.readInt8(this.#at++);
  }
}

/** Of a header that occurs several times all values are kept, as kafkajs does it. */
function readHeaders(reader: Reader): DecodedRecord['headers'] {
  const count = reader.varint();
  if (count <= 0) return {};
  if (count > maxHeaders) throw new RangeError(`a record has more than ${maxHeaders} headers`);
  const headers = new Map<string, Buffer | (Buffer | null)[] | null>();
  for (let index = 0; index < count; index++) {
    const name = reader.bytes()?.toString() ?? '';
    const value = reader.bytes();
    const held = headers.get(name);
    if (Array.isArray(held)) held.push(value);
    else headers.set(name, headers.has(name) ? [held ?? null, value] : value);
  }
  return Object.fromEntries(headers);
}

interface BatchHeader extends BatchContext {
  readonly first: number;
  readonly last: number;
  readonly attributes: number;
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
  readonly appendTime: boolean;
  readonly count: number;
}

function headerOf(batch: Buffer): BatchHeader {
  const first = Number(batch.readBigInt64BE(0));
  const last = first + batch.readInt32BE(23);
  const attributes = batch.readInt16BE(21);
  return {
    first,
    last,
    attributes,
    firstOffset: `${first}`,
    lastOffset: `${last}`,
    firstTimestamp: Number(batch.readBigInt64BE(27)),
    maxTimestamp: Number(batch.readBigInt64BE(35)),
    producerId: batch.readBigInt64BE(43).toString(),
    appendTime: (attributes & 0x08) !== 0,
    inTransaction: (attributes & 0x10) !== 0,
    isControlBatch: (attributes & 0x20) !== 0,
    count: batch.readInt32BE(57),
  };
}

function readRecord(bytes: Buffer, header: BatchHeader): DecodedRecord {
  const reader = new Reader(bytes);
  const attributes = reader.byte();
  const timestampDelta = reader.varint();
  const offset = header.first + reader.varint();
  if (offset > header.last) throw new RangeError(`a record has offset ${offset}, past the end of its batch`);
  const timestamp = header.appendTime ? header.maxTimestamp : header.firstTimestamp + timestampDelta;
  return {
    magicByte: 2,
    attributes,
    timestamp: `${timestamp}`,
    offset: `${offset}`,
    key: reader.bytes(),
    value: reader.bytes(),
    headers: readHeaders(reader),
    isControlRecord: header.isControlBatch,
    batchContext: header,
  };
}

async function readRecords(batch: Buffer, header: BatchHeader): Promise<readonly DecodedRecord[]> {
  const { count, attributes } = header;
  if (count > maxRecords) throw new RangeError(`a batch has more than ${maxRecords} records`);
  const type = attributes & 7;
  const packed = batch.subarray(headerBytes);
  const reader = new Reader(type === 0 || count <= 0 ? packed : await inflate(type, packed));
  const records: DecodedRecord[] = [];
  for (let index = 0; index < count; index++) {
    const bytes = reader.bytes();
    if (bytes === null) throw new RangeError('a record has no bytes');
    records.push(readRecord(bytes, header));
  }
  return records.length === 0 ? [emptied(header)] : records;
}

/** All of the batch was compacted away: a record that kafkajs hands to nobody, so that it gets past it. */
function emptied(header: BatchHeader): DecodedRecord {
  const nothing = { magicByte: 2, attributes: 0, key: null, value: null, headers: {}, isControlRecord: true };
  return { ...nothing, timestamp: `${header.maxTimestamp}`, offset: header.lastOffset, batchContext: header };
}

/**
 * The records of one batch. One that cannot be read is a record of its own, at the last offset of the batch: whoever
 * reads the topic gets past it, and knows.
 */
export async function readBatch(batch: Buffer): Promise<readonly DecodedRecord[]> {
  const header = headerOf(batch);
  try {
    return await readRecords(batch, header);
  } catch (error) {
    return [unreadable(batch, header, messageOf(error))];
  }
}

function unreadable(batch: Buffer, header: BatchHeader, problem: string): DecodedRecord {
  const { first, last, maxTimestamp } = header;
  const types = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
  const type = types[header.attributes & 7] ?? `type ${header.attributes & 7}`;
  const reason = `records ${first} to ${last}, one batch with compression ${type}, cannot be read: ${problem}`;
  return {
    magicByte: 2,
    attributes: 0,
    timestamp: `${maxTimestamp}`,
    offset: `${last}`,
    key: null,
    value: batch,
    headers: {},
    isControlRecord: false,
    batchContext: { ...header, inTransaction: false },
    unreadable: { firstOffset: first, lastOffset: last, reason },
  };
}

/** The batches of an answer, without the last one where the answer ends within it. */
export function* splitBatches(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + headerBytes <= bytes.length;) {
    const end = at + lengthOffset + bytes.readInt32BE(at + 8);
    if (end > bytes.length || end < at + headerBytes) return;
    yield bytes.subarray(at, end);
    at = end;
  }
}
