import { describe, expect, it } from 'vitest';
import type { Change } from '../../../channels/catalog/change.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import type { Origin } from '../../../channels/event/hub-event.ts';
import type { NativeMessage } from '../../../channels/ports/connector-source.ts';
import { createCloudEventsFormat } from './cloudevents-format.ts';
import {
  binary,
  bytesOf,
  cloudEvent,
  eventsProfile,
  httpOrigin,
  kafkaOrigin,
  structured,
  transportMs,
} from './fixtures.ts';

const format = createCloudEventsFormat({ clock: { now: () => transportMs } });
const urn = 'urn:gov:events:northbank:retail/current_accounts';

function read(message: NativeMessage, origin: Origin = kafkaOrigin): Change {
  const result = format.normalise(message, origin, eventsProfile);
  if (result.kind !== 'changes' || result.changes.length !== 1) throw new Error('expected one change');
  return result.changes[0] as Change;
}

function change(type: string, data?: JsonValue, members: JsonObject = {}): Change {
  return read(structured(cloudEvent(type, data, members)));
}

describe('attributes', () => {
  it('become the facts of the change', () => {
    const members = {
      authid: 'maria.keller',
      authtype: 'app_user',
      correlationid: 'c-1',
      causationid: 'c-0',
      traceparent: '00-1',
      unset: null,
    };
    expect(change('gov.domain.changed.v1', { domain: 'retail' }, members)).toEqual({
      target: 'asset',
      action: 'upsert',
      tenant: 'northbank',
      connector: 'northbank-events',
      source: '/cloudevents/northbank-events',
      urn,
      messageId: expect.stringMatching(/^[\w-]{43}$/),
      ordinal: 0,
      time: '2026-01-06T08:30:00.500Z',
      completeness: 'delta',
      replay: false,
      nativeId: 'retail/current_accounts',
      nativeType: 'gov.domain.changed.v1',
      actor: { id: 'maria.keller' },
      authtype: 'user',
      correlationid: 'c-1',
      causationid: 'c-0',
      extensions: { traceparent: '00-1' },
      origin: { ...kafkaOrigin, nativeType: 'gov.domain.changed.v1' },
      patch: { domain: 'retail' },
    });
  });

  it.each([
    ['2026-01-06T08:30:00Z', '2026-01-06T08:30:00.000Z'],
    ['2026-01-06t08:30:00.1234567z', '2026-01-06T08:30:00.123Z'],
    ['2025-12-31T23:30:00-01:00', '2026-01-01T00:30:00.000Z'],
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.999Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    [null, new Date(transportMs).toISOString()],
  ])('time %s is %s', (time, expected) => {
    expect(change('gov.domain.changed', { domain: 'x' }, { time }).time).toBe(expected);
  });

  it.each([
    ['user', 'user'],
    ['api_key', 'service_account'],
    ['service_account', 'service_account'],
    ['system', 'system'],
    ['unauthenticated', 'unknown'],
    [null, 'unknown'],
  ])('authtype %s is %s', (authtype, expected) => {
    expect(change('gov.domain.changed', { domain: 'x' }, { authtype }).authtype).toBe(expected);
  });

  it('id and source alone make the message id', () => {
    const ids = [
      change('gov.domain.changed', { domain: 'a' }),
      change('gov.domain.changed', { domain: 'b' }, { subject: 'other' }),
      change('gov.domain.changed', { domain: 'a' }, { id: '2' }),
      change('gov.domain.changed', { domain: 'a' }, { source: '/b' }),
    ].map((each) => each.messageId);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(3);
  });

  it.each([
    ['urn:gov:events:northbank:x', 'urn:gov:events:northbank:x'],
    ['urn:gov:lake:northbank:x:y', 'urn:gov:lake:northbank:x:y'],
    ['cards 2026#q1', 'urn:gov:events:northbank:cards%202026%23q1'],
  ])('subject %s is %s', (subject, expected) => {
    expect(change('gov.domain.changed', { domain: 'x' }, { subject }).urn).toBe(expected);
  });
});

describe('binary mode', () => {
  const data = bytesOf({ domain: 'cards' });

  it('over Kafka has attributes in headers as they are', () => {
    const message = binary('ce_', 'gov.domain.changed', data, {
      'content-type': 'application/json',
      ce_subject: 'a%20b',
      ce_severitynumber: '9',
    });
    expect(read(message)).toMatchObject({ urn: 'urn:gov:events:northbank:a%2520b', patch: { domain: 'cards' } });
  });

  it('over HTTP has them percent-encoded, sometimes quoted', () => {
    const message = binary('ce-', 'gov.domain.changed', data, {
      'content-type': 'application/json',
      'ce-subject': '"konten \\"%C3%BC%25\\""',
    });
    expect(read(message, httpOrigin).nativeId).toBe('konten "ü%"');
    expect(() => read(binary('ce-', 'gov.domain.changed', data, { 'ce-subject': '%FF' }), httpOrigin)).toThrow(
      /ce-subject must be percent-encoded UTF-8/,
    );
  });

  it('does not take one transport for the other', () => {
    expect(() => read(binary('ce-', 'gov.domain.changed', data))).toThrow(/ce_ headers/);
  });

  it('reads a record without value as what its type says', () => {
    expect(read(binary('ce_', 'gov.asset.deleted.v1', null))).toMatchObject({ action: 'delete', purge: false, urn });
    expect(read(binary('ce_', 'com.northbank.x', null))).toMatchObject({ patch: { native: { data: null } } });
  });

  it('takes the content type of the transport for that of the data', () => {
    const message = binary('ce_', 'com.northbank.x', new TextEncoder().encode('a,b'), {
      'content-type': 'text/csv',
      ce_datacontenttype: 'text/plain',
    });
    expect(read(message)).toMatchObject({ patch: { native: { contentType: 'text/csv', data: 'a,b' } } });
  });
});

describe('structured mode', () => {
  it.each(['application/cloudevents+json', 'APPLICATION/CloudEvents+JSON; charset="utf-8"', 'application/cloudevents'])(
    'is known by %s',
    (type) => {
      expect(
        read(structured(cloudEvent('gov.domain.changed', { domain: 'x' }), { 'content-type': type, ce_id: 'ignored' })),
      ).toMatchObject({ patch: { domain: 'x' } });
    },
  );
});

describe('bodies', () => {
  const one = cloudEvent('gov.domain.changed', { domain: 'x' });
  const split = (
    body: JsonValue,
    type: string,
    headers: Readonly<Record<string, string>> = {},
  ): readonly NativeMessage[] => format.split(bytesOf(body), { 'content-type': type, ...headers });

  it('are one structured event', () => {
    expect(split(one, 'application/cloudevents+json').map((message) => read(message, httpOrigin).urn)).toEqual([urn]);
  });

  it('are one binary event', () => {
    const { headers } = binary('ce-', 'gov.domain.changed', null);
    expect(
      split({ domain: 'y' }, 'application/json', headers).map((message) => read(message, httpOrigin)),
    ).toMatchObject([{ patch: { domain: 'y' } }]);
  });

  it('give events without a time that of their arrival', () => {
    const [message] = split([{ ...one, time: null }], 'application/cloudevents-batch+json');
    expect(read(message as NativeMessage, httpOrigin).time).toBe(new Date(transportMs).toISOString());
  });

  it('are a batch, which may be empty', () => {
    const messages = split([one, { ...one, id: '2' }], 'application/cloudevents-batch+json');
    expect(new Set(messages.map((message) => read(message, httpOrigin).messageId)).size).toBe(2);
    expect(split([], 'application/cloudevents-batch+json')).toEqual([]);
  });

  it.each([
    [one, 'application/cloudevents-batch+json', 'invalid-message'],
    [Array.from({ length: 1001 }, () => 1), 'application/cloudevents-batch+json', 'message-too-large'],
    [{ type: 'x' }, 'application/json', 'unsupported-media-type'],
    [[one, 7], 'application/json', 'unsupported-media-type'],
    [one, 'application/x-www-form-urlencoded', 'unsupported-media-type'],
    [one, 'application/cloudevents+avro', 'unsupported-media-type'],
    ['x'.repeat(8 * 1024 * 1024), 'application/cloudevents+json', 'message-too-large'],
  ])('are refused otherwise', (body, type, code) => {
    expect(() => split(body, type)).toThrow(expect.objectContaining({ code }));
  });
});
