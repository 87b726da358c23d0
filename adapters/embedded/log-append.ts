import { type Erasure, erasureOf, isErased } from '../../channels/catalog/erasure.ts';
import { eventText } from '../../channels/event/event-text.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { type LogRecord, partitionOf } from '../../channels/ports/event-log.ts';
import { lookupKeysOf } from '../../channels/subscription/lookup-keys.ts';
import { checkedKey } from './catalog-tables.ts';
import { writeRecords } from './embedded-journal-write.ts';
import { entityKey, type JournalTables } from './journal-tables.ts';
import { erasedValue, type LogTables, recordKey, stateOf } from './log-tables.ts';
import { chunksOf, encodeChunk, type PreparedChunk, prepareChunk } from './record-chunk.ts';
import { keyHash } from './term-block.ts';

interface PreparedEvent {
  readonly event: HubEvent;
  readonly text: string;
  readonly version: number;
  readonly entity: string;
  readonly hashes: readonly number[];
}

interface PreparedPartition {
  readonly partition: number;
  readonly events: readonly PreparedEvent[];
  readonly chunks: readonly PreparedChunk[];
}

/** Events encoded before the transaction: what can throw has thrown. */
export interface PreparedAppend {
  /** What the events ask to forget of those before them. */
  readonly erasures: readonly Erasure[];
  readonly partitions: readonly PreparedPartition[];
  /** Of each event in the order given: its partition, and the how manieth it is of those of it. */
  readonly places: readonly { readonly partition: number; readonly index: number }[];
}

/** What a purge in the same commit erases is not written in the first place; only its place is. */
function prepareEvent(event: HubEvent, erasures: readonly Erasure[], maxKeyBytes: number): PreparedEvent {
  const isGone = erasures.length > 0 && isErased(event, erasures);
  return {
    event,
    text: isGone ? erasedValue : eventText(event),
    version: event.data.version,
    entity: checkedKey('subject of event', entityKey(event), maxKeyBytes),
    hashes: isGone ? [] : lookupKeysOf(event).map(keyHash),
  };
}

/** @throws limit-exceeded when a urn is too long for a key */
export function prepareAppend(
  events: readonly HubEvent[],
  partitionCount: number,
  maxKeyBytes: number,
): PreparedAppend {
  const erasures = events.flatMap((event) => erasureOf(event) ?? []);
  const byPartition = new Map<number, PreparedEvent[]>();
  const places = events.map((event) => {
    const partition = partitionOf(event.tenant, event.subject, partitionCount);
    const held = byPartition.get(partition) ?? [];
    byPartition.set(partition, held);
    return { partition, index: held.push(prepareEvent(event, erasures, maxKeyBytes)) - 1 };
  });
  const partitions = [...byPartition].map(([partition, prepared]) => ({
    partition,
    events: prepared,
    chunks: chunksOf(prepared.map(({ text }) => text)).map(prepareChunk),
  }));
  return { partitions, places, erasures };
}

/**
 * In the write transaction: the records, and what the journal finds them by. Offsets come from the stored state, so a
 * failed append leaves no hole.
 */
export function writeAppend(
  log: LogTables,
  journal: JournalTables,
  { partitions }: PreparedAppend,
  nowMs: number,
): readonly (readonly LogRecord[])[] {
  return partitions.map(({ partition, events, chunks }) => {
    const { start, next, lastAtMs } = stateOf(log, partition);
    // never back in time within a partition, so that offsetsAt can halve the range
    const appendedAtMs = Math.max(nowMs, lastAtMs);
    let offset = next;
    for (const chunk of chunks) {
      const times = Array.from({ length: chunk.count }, () => appendedAtMs);
      void log.records.put(recordKey(partition, offset), encodeChunk(chunk, times));
      offset += chunk.count;
    }
    void log.partitions.put(String(partition), { start, next: offset, lastAtMs: appendedAtMs });
    // without spreads: made for every event
    const records = events.map(({ version, entity, hashes }, index) => ({
      offset: next + index,
      version,
      entity,
      hashes,
    }));
    writeRecords(journal, { partition, from: next, to: offset }, records);
    return events.map(({ text: value, event }, index) => ({
      partition,
      offset: next + index,
      appendedAtMs,
      value,
      event,
    }));
  });
}
