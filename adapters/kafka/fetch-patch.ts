import { createRequire } from 'node:module';
import { messageOf } from '../../channels/base/thrown.ts';
import { type DecodedRecord, readBatch, splitBatches } from './record-batch.ts';
import { registerCodecs } from './codecs.ts';

interface Decoder {
  readInt32(): number;
  canReadBytes(length: number): boolean;
  readBytes(length: number): Buffer;
}
type MessageSetDecoder = (decoder: object, size: number) => Promise<readonly DecodedRecord[]>;

const require = createRequire(import.meta.url);
const [magicOffset, newestMagic] = [16, 2];
/** An answer has at most 10 MB, but a hundred times of it may be packed in there: the rest is fetched again. */
const maxRecordBytes = 64 * 1024 * 1024;
const maxRecords = 250_000;
/** Of a record besides its key and value, roughly. */
const recordBytes = 100;

function sizeOf(records: readonly DecodedRecord[]): number {
  return records.reduce((sum, { key, value }) => sum + recordBytes + (key?.length ?? 0) + (value?.length ?? 0), 0);
}

async function readBatches(bytes: Buffer): Promise<readonly DecodedRecord[]> {
  const records: DecodedRecord[] = [];
  let size = 0;
  for (const batch of splitBatches(bytes)) {
    const some = await readBatch(batch);
    for (const record of some) records.push(record);
    size += sizeOf(some);
    if (size > maxRecordBytes || records.length > maxRecords) break;
  }
  return records;
}

/** Messages of brokers before 0.11, as kafkajs reads them; what it cannot read is passed over as one record. */
async function readOldMessages(bytes: Buffer): Promise<readonly DecodedRecord[]> {
  const decode = require('kafkajs/src/protocol/messageSet/decoder') as MessageSetDecoder;
  const Bytes = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
  try {
    return await decode(new Bytes(bytes), bytes.length);
  } catch (error) {
    const offset = Number(bytes.readBigInt64BE(0));
    const reason = `record ${offset} cannot be read: ${messageOf(error)}`;
    const place = { firstOffset: `${offset}`, lastOffset: `${offset}`, producerId: '-1' };
    return [
      {
        magicByte: 0,
        attributes: 0,
        timestamp: '-1',
        offset: `${offset}`,
        key: null,
        value: bytes.subarray(0, 12 + Math.max(0, bytes.readInt32BE(8))),
        headers: {},
        isControlRecord: false,
        batchContext: { ...place, inTransaction: false, isControlBatch: false },
        unreadable: { firstOffset: offset, lastOffset: offset, reason },
      },
    ];
  }
}

/** The records of one partition in the answer to a fetch. */
export async function decodeMessages(decoder: Decoder): Promise<readonly DecodedRecord[]> {
  const size = decoder.readInt32();
  if (size <= magicOffset || !decoder.canReadBytes(size)) return [];
  const bytes = decoder.readBytes(size);
  return bytes.readInt8(magicOffset) >= newestMagic ? readBatches(bytes) : readOldMessages(bytes);
}

/**
 * Gives kafkajs another reader of what it fetches. It loads its own with the first answer; by then this one stands in its
 * place.
 */
export function patchFetch(): void {
  registerCodecs();
  const path = require.resolve('kafkajs/src/protocol/requests/fetch/v4/decodeMessages');
  require(path);
  const loaded = require.cache[path];
  if (loaded !== undefined) loaded.exports = decodeMessages;
}
