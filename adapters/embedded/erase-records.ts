import type { Erasure } from '../../channels/catalog/erasure.ts';
import { isErased } from '../../channels/catalog/erasure.ts';
import { documentKey } from '../../channels/catalog/document.ts';
import { parseEvent } from '../../channels/event/parse-event.ts';
import { lookupKeysFor } from '../../channels/subscription/lookup-keys.ts';
import type { EmbeddedEnvironment } from './embedded-environment.ts';
import { findOffsets } from './find-offsets.ts';
import type { JournalTables } from './journal-tables.ts';
import { erasedValue, firstKey, type LogTables, offsetOfKey, stateOf, storedRecord } from './log-tables.ts';
import { chunkCount, decodeChunk, encodeChunk, prepareChunk } from './record-chunk.ts';
import { keyHash } from './term-block.ts';

const offsetsPerTurn = 200;

/** Places in one partition whose records are to lose their content. */
export interface ErasedPlaces {
  readonly partition: number;
  readonly offsets: readonly number[];
}

/** Finds what an erasure concerns, in turns of the event loop. */
export async function placesOf(
  environment: EmbeddedEnvironment,
  log: LogTables,
  journal: JournalTables,
  erasure: Erasure,
): Promise<ErasedPlaces> {
  const { tenant, urn } = erasure;
  const newest = await environment.read(() => journal.entities.get(documentKey(tenant, urn)));
  if (newest === undefined) return { partition: 0, offsets: [] };
  const { partition } = newest;
  const to = newest.offset + 1;
  const hashes = new Set(lookupKeysFor(tenant, [{ field: 'urn', value: urn }]).map(keyHash));
  const offsets: number[] = [];
  for (let from = stateOf(log, partition).start; from < to;) {
    const query = { partition, from, to, hashes, limit: offsetsPerTurn };
    const page = await environment.read(() => findOffsets(journal, query));
    const concerned = (offset: number): boolean => {
      const value = storedRecord(log, partition, offset)?.value ?? erasedValue;
      if (value === erasedValue) return false;
      const event = parseEvent(value);
      // what can no longer be read may hold what is to be erased: the index has it under this urn
      return event === undefined || isErased(event, [erasure]);
    };
    offsets.push(...(await environment.read(() => page.offsets.filter(concerned))));
    from = page.next;
  }
  return { partition, offsets };
}

/** In a write transaction. What retention has removed since stays so. */
export function eraseRecords({ records }: LogTables, { partition, offsets }: ErasedPlaces): void {
  for (const offset of offsets) {
    const key = firstKey(records, partition, offset);
    const chunk = records.get(key);
    const index = offset - offsetOfKey(key);
    if (chunk === undefined || index < 0 || index >= chunkCount(chunk)) continue;
    const { times, values } = decodeChunk(chunk);
    void records.put(key, encodeChunk(prepareChunk(values.with(index, erasedValue)), times));
  }
}
