import { describe, expect, it } from 'vitest';
import type { Origin } from '../../../channels/event/hub-event.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import { atlasOrigin, envelope, eventTime, gzipped, notification, tableHeader, tag } from './fixtures.ts';
import { heardAt, Told } from './told-fixture.ts';

const overHttp: Origin = { system: 'atlas', transport: 'http' };

/** A message of a request that began and was sent so many seconds after the first of all. */
function said(operation: string, began: number, sent: number, entity: JsonObject = {}): JsonObject {
  const body = notification(operation, tableHeader(entity), { eventTime: eventTime + began * 1000 });
  return envelope(body, { msgCreationTime: eventTime + sent * 1000 });
}

const pii = { classifications: [tag('PII')] };

describe.each([
  ['one partition', atlasOrigin],
  ['HTTP', overHttp],
])('I21: Atlas messages by %s', (_, origin) => {
  it('atlas-25: a tag of a request that took a minute is seen after an update that began later', () => {
    const told = new Told(origin)
      .message(said('ENTITY_UPDATE', 10, 12))
      .message(said('CLASSIFICATION_ADD', 0, 60, pii));
    expect(told.tags).toEqual(['PII']);
  });

  it('so is a deletion that took a minute', () => {
    const told = new Told(origin).message(said('ENTITY_UPDATE', 10, 12)).message(said('ENTITY_DELETE', 0, 60));
    expect(told.asset.status).toBe('deleted');
  });

  it.each([
    ['sent before it', 1],
    ['sent after it', 3],
    ['of the same sending time', 2],
  ])('atlas-26: a deletion of what was never seen holds against a creation that began before it, %s', (__, sent) => {
    const told = new Told(origin).message(said('ENTITY_DELETE', 2, 2)).message(said('ENTITY_CREATE', 1, sent, pii));
    expect(told.asset).toMatchObject({ status: 'deleted', classifications: [] });
    expect(told.message(said('ENTITY_CREATE', 5, 5, pii)).asset).toMatchObject({ status: 'active' });
  });

  it('messages of one request, with the same times, count in the order in which they come', () => {
    const told = new Told(origin).message(said('CLASSIFICATION_ADD', 0, 1, pii));
    expect(told.message(said('CLASSIFICATION_DELETE', 0, 1)).tags).toEqual([]);
  });

  it('atlas-27: a source that is ahead of the hub keeps its order', () => {
    const recordedAt = new Date(eventTime).toISOString();
    const told = new Told(origin).message(said('ENTITY_UPDATE', 10, 10), { recordedAt });
    expect(told.message(said('CLASSIFICATION_ADD', 20, 20, pii), { recordedAt }).tags).toEqual(['PII']);
    const isPartition = origin.transport === 'kafka';
    const older = told.message(said('ENTITY_UPDATE', 11, 11, { classifications: [] }), { recordedAt });
    expect(older.tags).toEqual(isPartition ? [] : ['PII']);
  });
});

describe('I21: the time of sending', () => {
  it('is that of the message inside a compressed one', () => {
    const told = new Told(overHttp).message(said('CLASSIFICATION_ADD', 0, 60, pii));
    const older = gzipped(said('ENTITY_UPDATE', 10, 12, { classifications: [] }), {
      msgCreationTime: eventTime + 90_000,
    });
    expect(told.message(older).tags).toEqual(['PII']);
  });

  it('atlas-28: decides for what was spooled, though it comes later in the partition', () => {
    const told = new Told().message(said('CLASSIFICATION_ADD', 0, 60, pii));
    const spooled = { ...said('ENTITY_UPDATE', 10, 12, { classifications: [] }), spooled: true };
    expect(told.message(spooled).tags).toEqual(['PII']);
  });

  it('of a message without envelope is when its request began', () => {
    const at = (seconds: number, entity: JsonObject): JsonObject =>
      notification('ENTITY_UPDATE', tableHeader(entity), { eventTime: eventTime + seconds * 1000 });
    const told = new Told(overHttp).message(at(10, pii)).message(at(5, { classifications: [] }));
    expect(told.tags).toEqual(['PII']);
    expect(told.events.at(-1)).toMatchObject({ recordedtime: heardAt, data: { change: { late: true } } });
  });
});
