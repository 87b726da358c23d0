import { createHash } from 'node:crypto';
import { Binary, type Collection, type Db, Long } from 'mongodb';
import { documentKey } from '../../channels/catalog/document.ts';
import { spreadHash } from '../../channels/event/hash.ts';
import { readEvent } from '../../channels/event/upgrade-event.ts';
import type { Coverage, JournalRecord } from '../../channels/ports/event-journal.ts';
import { lookupKeysOf } from '../../channels/subscription/lookup-keys.ts';

export interface StoredEvent {
  /** {@link rowId}: in the order of the log. */
  readonly _id: string;
  readonly tenant: string;
  /** {@link entityHash} */
  readonly entity: Binary;
  readonly version: number;
  readonly offset: number;
  /** When the log took it, ms since 1970. */
  readonly at: number;
  /** {@link termNumber} of each lookup key. */
  readonly terms: readonly Long[];
  /** The event as JSON. */
  readonly text: string;
}

export interface StoredCoverage extends Coverage {
  /** {@link coverageId} */
  readonly _id: string;
}

export interface StoredClaim {
  readonly _id: string;
  readonly holder: string;
  readonly until: Date;
}

export interface JournalCollections {
  readonly events: Collection<StoredEvent>;
  readonly coverage: Collection<StoredCoverage>;
  readonly claim: Collection<StoredClaim>;
}

export const byTerm = { terms: 1, offset: 1 } as const;
const byEntity = { entity: 1, version: -1 } as const;

export function journalCollections(db: Db): JournalCollections {
  return {
    events: db.collection('events'),
    coverage: db.collection('journalCoverage'),
    claim: db.collection('journalClaim'),
  };
}

/** Creates what is missing; harmless when several processes do it at once. */
export async function ensureJournalIndexes({ events }: JournalCollections): Promise<void> {
  await events.createIndexes([{ key: byTerm }, { key: byEntity, unique: true }]);
}

export function coverageId(epoch: string, partition: number): string {
  return `${epoch}|${String(partition).padStart(4, '0')}`;
}

export function epochOfCoverage(id: string): string {
  return id.slice(0, id.lastIndexOf('|'));
}

/** In the place of a text that was erased. */
export const erasedText = '';

/** Text order is (epoch, partition, offset) order. */
export function rowId(epoch: string, partition: number, offset: number): string {
  return `${coverageId(epoch, partition)}|${String(offset).padStart(16, '0')}`;
}

/** 128 bits for an entity in an epoch: as short for the longest urn. */
export function entityHash(epoch: string, tenant: string, urn: string): Binary {
  const digest = createHash('sha256')
    .update(`${epoch}|${documentKey(tenant, urn)}`)
    .digest();
  return new Binary(digest.subarray(0, 16));
}

/**
 * Index entries of so many offsets lie together: where they went by term alone, each event would touch a dozen places
 * all over an index that is larger than memory.
 */
export const segmentLength = 65_536;

/**
 * A lookup key in one segment as 63 bits: 16 of the segment, 47 of a hash of epoch, partition and key. Others may have
 * the same number, so a query also names what it wants.
 */
export function termNumber(epoch: string, partition: number, segment: number, key: string): Long {
  const [low, high] = spreadHash(`${coverageId(epoch, partition)}|${key}`);
  return Long.fromBits(low | 0, ((segment & 0xffff) << 15) | (high & 0x7fff));
}

export function toStoredEvent(
  epoch: string,
  { partition, offset, appendedAtMs, event, text }: JournalRecord,
): StoredEvent {
  const segment = Math.floor(offset / segmentLength);
  return {
    _id: rowId(epoch, partition, offset),
    tenant: event.tenant,
    entity: entityHash(epoch, event.tenant, event.subject),
    version: event.data.version,
    offset,
    at: appendedAtMs,
    terms: lookupKeysOf(event).map((key) => termNumber(epoch, partition, segment, key)),
    text,
  };
}

export function fromStoredEvent({ _id, offset, at, text }: Omit<StoredEvent, 'terms'>): JournalRecord {
  const partition = Number(_id.split('|').at(-2));
  return { partition, offset, appendedAtMs: at, event: readEvent(text), text };
}
