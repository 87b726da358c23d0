import type { Filter as MongoFilter } from 'mongodb';
import type { JournalQuery, JournalRecord } from '../../channels/ports/event-journal.ts';
import { lookupKeysFor } from '../../channels/subscription/lookup-keys.ts';
import {
  byTerm,
  coverageId,
  entityHash,
  erasedText,
  fromStoredEvent,
  type JournalCollections,
  rowId,
  segmentLength,
  type StoredEvent,
  termNumber,
} from './journal-collections.ts';

/** Above so many points MongoDB no longer merges scans of an index in order, but fetches and sorts everything. */
const maxScans = 200;
const entitiesPerQuery = 500;

type Row = Omit<StoredEvent, 'terms'>;
const withoutTerms = { terms: 0 } as const;

/** Some whole segments of what is asked for. */
function readSegments(
  { events }: JournalCollections,
  { epoch, partition, tenant, from, to, limit }: JournalQuery,
  keys: readonly string[],
): Promise<readonly Row[]> {
  const first = Math.floor(from / segmentLength);
  const segments = Array.from({ length: Math.ceil(to / segmentLength) - first }, (_, index) => first + index);
  const terms = segments.flatMap((segment) => keys.map((key) => termNumber(epoch, partition, segment, key)));
  const filter: MongoFilter<StoredEvent> = {
    terms: { $in: terms },
    offset: { $gte: from, $lt: to },
    // another tenant or partition may share a number
    tenant,
    _id: { $gte: rowId(epoch, partition, from), $lt: rowId(epoch, partition, to) },
  };
  return events.find(filter, { sort: { offset: 1 }, hint: byTerm, limit, projection: withoutTerms }).toArray();
}

/** In the order of the log, by index alone; ends where nothing is covered any more. */
export async function readFromMongo(
  collections: JournalCollections,
  query: JournalQuery,
): Promise<readonly JournalRecord[]> {
  const { epoch, partition, limit } = query;
  const keys = lookupKeysFor(query.tenant, query.terms);
  const coverage = await collections.coverage.findOne({ _id: coverageId(epoch, partition) });
  const to = Math.min(query.to, coverage?.high ?? 0);
  const stride = Math.max(1, Math.floor(maxScans / keys.length)) * segmentLength;
  const found: Row[] = [];
  for (let from = Math.max(0, query.from); from < to && found.length < limit && keys.length > 0;) {
    const end = Math.min(to, from - (from % segmentLength) + stride);
    found.push(...(await readSegments(collections, { ...query, from, to: end, limit: limit - found.length }, keys)));
    from = end;
  }
  return found.map(fromStoredEvent);
}

/** The newest row of each entity: one step in the index for each. */
async function newestIds(
  { events }: JournalCollections,
  entities: StoredEvent['entity'][],
): Promise<readonly string[]> {
  const newest = await events
    .aggregate<{ readonly row: string }>([
      { $match: { entity: { $in: entities } } },
      { $sort: { entity: 1, version: -1 } },
      { $group: { _id: '$entity', row: { $first: '$_id' } } },
    ])
    .toArray();
  return newest.map(({ row }) => row);
}

export async function latestFromMongo(
  collections: JournalCollections,
  epoch: string,
  tenant: string,
  urns: readonly string[],
): Promise<readonly JournalRecord[]> {
  const wanted = [...new Set(urns)];
  const found: Row[] = [];
  for (let i = 0; i < wanted.length; i += entitiesPerQuery) {
    const entities = wanted.slice(i, i + entitiesPerQuery).map((urn) => entityHash(epoch, tenant, urn));
    const ids = await newestIds(collections, entities);
    found.push(...(await collections.events.find({ _id: { $in: [...ids] } }, { projection: withoutTerms }).toArray()));
  }
  return found.filter(({ text }) => text !== erasedText).map(fromStoredEvent);
}

/** When the oldest of the rows that a partition covers was appended. */
export async function oldestOf(
  { events }: JournalCollections,
  epoch: string,
  { partition, low, high }: { readonly partition: number; readonly low: number; readonly high: number },
): Promise<number | undefined> {
  const range = { $gte: rowId(epoch, partition, low), $lt: rowId(epoch, partition, high) };
  const oldest = await events.findOne({ _id: range }, { sort: { _id: 1 }, projection: { at: 1 } });
  return oldest?.at;
}
