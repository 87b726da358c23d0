import { describe, expect, it } from 'vitest';
import { applyChange } from '../../../channels/catalog/apply-change.ts';
import type { Change } from '../../../channels/catalog/change.ts';
import type { HubEvent } from '../../../channels/event/hub-event.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { wireOf } from '../../../test/harness/wire-of.ts';
import type { NativeMessage } from '../../../channels/ports/connector-source.ts';
import { createCloudEventsFormat } from './cloudevents-format.ts';
import { binary, bytesOf, cloudEvent, eventsProfile, httpOrigin, kafkaOrigin, structured } from './fixtures.ts';

// each row of the table in docs/connect-cloudevents.md has its test here, by its id

const format = createCloudEventsFormat();
const type = 'com.shop.order';
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function read(message: NativeMessage, origin = kafkaOrigin): Change {
  const result = format.normalise(message, origin, eventsProfile);
  if (result.kind !== 'changes' || result.changes.length !== 1) throw new Error('expected one change');
  return result.changes[0] as Change;
}

function posted(body: JsonValue | Uint8Array, headers: Readonly<Record<string, string>>): readonly Change[] {
  const bytes = body instanceof Uint8Array ? body : bytesOf(body);
  return format.split(bytes, headers).map((message) => read(message, httpOrigin));
}

function nativeOf(change: Change): JsonObject {
  return (change as unknown as { patch: { native: JsonObject } }).patch.native;
}

function event(members: JsonObject = {}, data?: JsonValue): Change {
  return read(structured(cloudEvent(type, data, members)));
}

function eventMade(change: Change): HubEvent {
  const recordedAt = '2026-01-06T10:00:00.000Z';
  return applyChange(undefined, change, { recordedAt, parentsOf: () => [] })?.event as HubEvent;
}

const json = { 'content-type': 'application/json' };
const domain = cloudEvent('gov.domain.changed', { domain: 'retail' });
const isRetail = { patch: { domain: 'retail' } };

describe('over HTTP', () => {
  it('ce-1: a structured event is known by its content type', () => {
    for (const contentType of ['application/cloudevents+json', 'application/CloudEvents+JSON; charset=UTF-8'])
      expect(posted(domain, { 'content-type': contentType })).toMatchObject([isRetail]);
  });

  it('ce-2: a batch is a list of them, which may be empty', () => {
    const batch = { 'content-type': 'application/cloudevents-batch+json' };
    expect(posted([domain, { ...domain, id: '2' }], batch)).toHaveLength(2);
    expect(posted([], batch)).toEqual([]);
    expect(() => posted(domain, batch)).toThrow(/must be a list of events/);
  });

  it('ce-3: a binary event has its attributes in ce- headers', () => {
    const { headers } = binary('ce-', 'gov.domain.changed', null);
    expect(posted({ domain: 'retail' }, { ...json, ...headers })).toMatchObject([isRetail]);
  });

  it.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['%e2%82%ac', '€'],
    ['%41%2Fb', 'A/b'],
    ['"a \\"b\\" \\\\c"', 'a "b" \\c'],
    ['"a%20b"', 'a b'],
    ['100%', '100%'],
    ['%2541', '%41'],
    ['a b', 'a b'],
  ])('ce-4: the header value %s is %s: unquoted, then decoded once', (value, expected) => {
    const { headers } = binary('ce-', type, null);
    expect(posted(text(''), { ...headers, 'ce-subject': value })[0]?.nativeId).toBe(expected);
  });

  it.each(['%C0%A0', '%FF', 'a%ED%A0%80', 'Ã¼', '€'])(
    'ce-4: the header value %s is no UTF-8 and refused by name',
    (value) => {
      const { headers } = binary('ce-', type, null);
      expect(() => posted(text(''), { ...headers, 'ce-subject': value })).toThrow(/header ce-subject must be percent/);
    },
  );
});

describe('over Kafka', () => {
  it.each(['content-type', 'Content-Type'])('ce-5: a structured event is known by its header %s', (name) => {
    expect(read(structured(domain, { [name]: 'application/cloudevents+json' }))).toMatchObject(isRetail);
  });

  it('ce-6: a binary event has its attributes in ce_ headers, as they are', () => {
    const message = binary('ce_', type, bytesOf(1), { ...json, ce_subject: '"a%20b"' });
    expect(read(message).nativeId).toBe('"a%20b"');
  });

  it('ce-6: also when its dead letter is taken in again, which is done as by HTTP', () => {
    const message = binary('ce_', 'gov.domain.changed', bytesOf({ domain: 'retail' }), {
      ...json,
      ce_subject: 'a%20b',
    });
    expect(read(message, httpOrigin)).toMatchObject({ ...isRetail, nativeId: 'a%20b' });
    const headers = { ...json, ce_id: '1', ce_type: 'x', ce_source: '/x', ce_specversion: '1.0' };
    expect(() => posted({ a: 1 }, headers)).toThrow(/content-type must be/);
  });

  it('ce-7: a record without value deletes, or is an event without data', () => {
    expect(read(binary('ce_', 'gov.asset.deleted', null))).toMatchObject({ action: 'delete', purge: false });
    expect(nativeOf(read(binary('ce_', type, null)))).toMatchObject({ data: null });
    expect(() => read(binary('ce_', 'gov.owner.changed', null))).toThrow(/without value/);
  });

  it('ce-8: what is no single event in JSON is refused, and the error says what would be', () => {
    expect(() => read(structured([domain], { 'content-type': 'application/cloudevents-batch+json' }))).toThrow(
      /batches/,
    );
    expect(() => read(structured(domain, { 'content-type': 'application/cloudevents+avro' }))).toThrow(/\+json/);
    expect(() => read(structured([domain], {}))).toThrow(/specversion/);
  });
});

describe('an event whose transport does not say that it is one', () => {
  it.each([{}, json, { 'content-type': 'text/plain; charset=utf-8' }])('ce-9: is read on Kafka with %j', (headers) => {
    expect(read(structured(domain, headers))).toMatchObject(isRetail);
  });

  it.each([json, { 'content-type': 'text/plain; charset=utf-8' }])('ce-9: is read over HTTP with %j', (headers) => {
    expect(posted(domain, headers)).toMatchObject([isRetail]);
    expect(posted([domain, domain], headers)).toHaveLength(2);
  });

  it('ce-9: is not guessed from anything but its specversion', () => {
    expect(() => posted({ ...domain, specversion: undefined as never }, json)).toThrow(/specversion/);
    expect(() => posted(domain, { 'content-type': 'application/x-www-form-urlencoded' })).toThrow(
      /content-type must be/,
    );
    expect(() => read(structured(domain, { 'content-type': 'application/octet-stream' }))).toThrow(/specversion/);
  });
});

describe('data', () => {
  it.each([
    [json, '{"a":1}', 'application/json', { a: 1 }],
    [{ ce_datacontenttype: 'text/plain' }, '12345', 'text/plain', '12345'],
    [{ ce_datacontenttype: 'application/avro' }, '12345', 'application/avro', { base64: 'MTIzNDU=' }],
    [{ ce_datacontenttype: 'application/avro', 'content-type': 'text/csv' }, 'a,b', 'text/csv', 'a,b'],
    [{ ce_datacontenttype: 'text/csv', 'content-type': '' }, 'a,b', 'text/csv', 'a,b'],
    [{ 'content-type': ' ' }, '{"a":1}', 'application/json', { a: 1 }],
    [{ 'content-type': 'application/xml' }, '<a/>', 'application/xml', '<a/>'],
    [{ 'content-type': 'text/plain; charset=latin1' }, 'a', 'text/plain; charset=latin1', { base64: 'YQ==' }],
    [{ 'content-type': 'application/octet-stream' }, '{}', 'application/octet-stream', { base64: 'e30=' }],
    [{}, '{"a":1}', 'application/json', { a: 1 }],
    [{}, '<a/>', 'application/octet-stream', { base64: 'PGEvPg==' }],
  ])('ce-10: of a binary event with %j is what its content type says', (headers, body, contentType, data) => {
    expect(nativeOf(read(binary('ce_', type, text(body), headers)))).toMatchObject({ contentType, data });
  });

  it.each<[JsonObject, JsonValue]>([
    [{ data: { a: 1 } }, { a: 1 }],
    [{ data: 'x' }, 'x'],
    [{ data: 7.5 }, 7.5],
    [{ data: '<a/>', datacontenttype: 'text/xml' }, '<a/>'],
    [{ data_base64: 'eyJ4IjoxfQ==' }, { x: 1 }],
    [{ data_base64: 'AAEC', datacontenttype: 'application/avro' }, { base64: 'AAEC' }],
    [{ data_base64: 'PGEvPg==', datacontenttype: 'text/xml' }, '<a/>'],
    [{ data: null }, null],
  ])('ce-11: of a structured event with %j is kept', (members, data) => {
    expect(nativeOf(event(members))).toMatchObject({ data });
  });

  it('ce-11: is there once', () => {
    expect(() => event({ data: {}, data_base64: 'e30=' })).toThrow(
      /data_base64 must not be present together with data/,
    );
  });

  it('ce-12: that is elsewhere is named by dataref, which is kept; a type of ours needs its data', () => {
    expect(nativeOf(event({ dataref: 'https://x/1' }))).toMatchObject({
      data: null,
      attributes: { dataref: 'https://x/1' },
    });
    expect(() => read(structured(cloudEvent('gov.owner.changed', undefined, { dataref: 'x' })))).toThrow(/not fetched/);
  });
});

describe('attributes', () => {
  const members = {
    sequence: '17',
    traceparent: '00-1',
    retries: 3,
    urgent: true,
    dataschema: 'https://x/s',
    unset: null,
  };

  it('ce-13: that have no meaning to the hub go with the event, of whatever type', () => {
    const kept = { sequence: '17', traceparent: '00-1', retries: 3, urgent: true };
    for (const each of ['gov.domain.changed', type]) {
      const made = eventMade(read(structured(cloudEvent(each, { domain: 'x' }, members))));
      expect(wireOf(made, 'enter')).toMatchObject({ extensions: kept });
    }
    const headers = { ce_sequence: '17', ce_traceparent: '00-1' };
    expect(read(binary('ce_', type, bytesOf(1), headers)).extensions).toEqual({ sequence: '17', traceparent: '00-1' });
  });

  it('ce-14: correlationid and causationid go with the event', () => {
    const made = eventMade(event({ correlationid: 'txn-1', causationid: 'order-123' }));
    const ids = { correlationid: 'txn-1', causationid: 'order-123' };
    expect(wireOf(made, 'update')).toMatchObject(ids);
    expect(wireOf(made, 'leave')).not.toMatchObject(ids);
  });

  it('ce-15: of an event that is kept as it is are kept with it', () => {
    expect(nativeOf(event(members, 1))).toEqual({
      type,
      contentType: 'application/json',
      data: 1,
      attributes: {
        id: 'evt-2026-000417',
        source: '/platform/lake',
        subject: 'retail/current_accounts',
        time: '2026-01-06T09:30:00.5+01:00',
        sequence: '17',
        traceparent: '00-1',
        retries: 3,
        urgent: true,
        dataschema: 'https://x/s',
      },
    });
  });

  it('ce-16: that are null are not set', () => {
    expect(event({ subject: null, traceparent: null })).not.toHaveProperty('extensions');
    expect(() => event({ id: null })).toThrow(/id must be a non-empty string/);
  });

  it.each<[JsonObject]>([
    [{ vendorRouting: { route: 'eu' } }],
    [{ 'vendor-routing': 'eu' }],
    [{ vendor_routing: ['eu'] }],
    [{ route: { to: 'eu' } }],
  ])('ce-17: of other names and forms, as real senders have them, are kept: %j', (odd) => {
    expect(event(odd).extensions).toEqual(odd);
    expect(read(structured(cloudEvent('gov.domain.changed', { domain: 'x' }, odd))).extensions).toEqual(odd);
  });

  it.each([
    ['Subject', 'subject'],
    ['correlationId', 'correlationid'],
    ['data_content_type', 'datacontenttype'],
    ['dataBase64', 'data_base64'],
    ['specVersion', 'specversion'],
  ])('ce-18: %s would lose its meaning, so the error says to write %s', (name, meant) => {
    expect(() => event({ [name]: 'x' })).toThrow(`only a-z and 0-9 are allowed; write ${meant}`);
  });

  it.each<[string, JsonObject]>([
    ['id', { id: 5 }],
    ['source', { source: '' }],
    ['subject', { subject: ['x'] }],
    ['specversion', { specversion: 1 }],
    ['specversion', { specversion: '0.3' }],
    ['time', { time: 1_767_688_200 }],
    ['severitynumber', { severitynumber: 25 }],
  ])('ce-19: %s of another form is refused by name: %j', (name, wrong) => {
    expect(() => event(wrong)).toThrow(new RegExp(`^${name} must be`));
  });

  it('ce-20: a number that no double holds is kept by its digits, also as an attribute', () => {
    const body = JSON.stringify(cloudEvent(type, 1, { offset: '#' })).replace('"#"', '12345678901234567890');
    expect(read(structured(text(body))).extensions).toEqual({ offset: '12345678901234567890' });
  });

  it('ce-21: id and source say which event it is', () => {
    const ids = [event(), event({ subject: 'x' }), event({ source: '/b' }), event({ id: '2' })].map((e) => e.messageId);
    expect(new Set(ids)).toEqual(new Set([ids[0], ids[2], ids[3]]));
  });
});

describe('subjects of types of others', () => {
  it('ce-22: mean something in their source only', () => {
    const urns = ['/shop-a', '/shop-b'].map((source) => event({ subject: 'order-1', source }).urn);
    expect(urns).toEqual(['urn:gov:events:northbank:/shop-a%23order-1', 'urn:gov:events:northbank:/shop-b%23order-1']);
    const alike = [
      { source: 'a#b', subject: 'c' },
      { source: 'a', subject: 'b#c' },
      { source: 'a%23b', subject: 'c' },
    ].map((each) => event(each).urn);
    expect(new Set(alike).size).toBe(3);
    expect(event({ subject: 'order-1', source: '/shop-a' })).toMatchObject({ nativeId: 'order-1' });
  });

  it('ce-23: that are urns of the world are taken into the namespace', () => {
    expect(event({ subject: 'urn:uuid:6e8bc430' }).urn).toBe('urn:gov:events:northbank:urn:uuid:6e8bc430');
    expect(event({ subject: 'urn:uuid:6e8bc430', source: '/b' }).urn).toBe(event({ subject: 'urn:uuid:6e8bc430' }).urn);
  });

  it('ce-24: that are urns of the hub name its entities, inside the namespaces only', () => {
    expect(event({ subject: 'urn:gov:lake:northbank:x' }).urn).toBe('urn:gov:lake:northbank:x');
    expect(() => event({ subject: 'urn:gov:atlas:northbank:1' })).toThrow(/subject must be inside/);
  });

  it('ce-25: may be missing: then it is the source', () => {
    expect(event({ subject: null, source: 'https://x/a' }).urn).toBe('urn:gov:events:northbank:https://x/a');
  });
});
