import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import type { ErrorCode } from '../../../channels/protocol/error-code.ts';
import type { MalformedMessage } from '../malformed-message.ts';
import * as events from './fixtures.ts';

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function eventCase(
  name: string,
  event: JsonValue | Uint8Array,
  names: string,
  code: ErrorCode = 'invalid-message',
): MalformedMessage {
  return { name: `cloudevents: ${name}`, format: 'cloudevents', message: events.structured(event), code, names };
}

function attributeCase(name: string, members: JsonObject, names: string, code?: ErrorCode): MalformedMessage {
  return eventCase(name, events.cloudEvent('gov.domain.changed', { domain: 'retail' }, members), names, code);
}

function assetCase(name: string, asset: JsonValue, names: string, code?: ErrorCode): MalformedMessage {
  return eventCase(name, events.cloudEvent('gov.asset.updated', { asset }), names, code);
}

function headerCase(
  name: string,
  headers: Readonly<Record<string, string>>,
  names: string,
  code: ErrorCode = 'invalid-message',
): MalformedMessage {
  const message = events.structured(events.cloudEvent('gov.domain.changed', { domain: 'retail' }), headers);
  return { name: `cloudevents: ${name}`, format: 'cloudevents', message, code, names };
}

function binaryCase(
  name: string,
  type: string,
  value: Uint8Array | null,
  headers: Readonly<Record<string, string>>,
  names: string,
  code: ErrorCode,
): MalformedMessage {
  return {
    name: `cloudevents: ${name}`,
    format: 'cloudevents',
    message: events.binary('ce_', type, value, headers),
    code,
    names,
  };
}

export const malformedEvents: readonly MalformedMessage[] = [
  {
    ...headerCase('no content type, no headers and no version', {}, 'specversion'),
    message: events.structured({ type: 'gov.domain.changed', data: { domain: 'retail' } }, {}),
  },
  { ...headerCase('no JSON either', {}, 'specversion'), message: events.structured(text('retail'), {}) },
  headerCase(
    'batch over Kafka',
    { 'content-type': 'application/cloudevents-batch+json' },
    'batches',
    'unsupported-message',
  ),
  headerCase(
    'Avro event format',
    { 'content-type': 'application/cloudevents+avro' },
    'content-type',
    'unsupported-message',
  ),
  headerCase(
    'another character set',
    { 'content-type': 'application/cloudevents+json; charset=utf-16' },
    'UTF-8',
    'unsupported-message',
  ),
  {
    ...headerCase('empty structured message', events.structuredHeaders, 'empty'),
    message: { ...events.structured({}), value: null },
  },
  eventCase('cut JSON', text('{"specversion":"1.0",'), 'JSON', 'invalid-json'),
  eventCase('an array', [], 'the event must be an object'),
  eventCase('nested beyond measure', text(`{"data":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}}`), 'nest'),
  eventCase('larger than allowed', new Uint8Array(8 * 1024 * 1024 + 1).fill(0x20), 'bytes', 'message-too-large'),
  attributeCase('no id', { id: null }, 'id must be a non-empty string'),
  attributeCase('id as number', { id: 5 }, 'id must be a non-empty string'),
  attributeCase('no source', { source: '' }, 'source must be a non-empty string'),
  attributeCase('no type', { type: null }, 'type must be a non-empty string'),
  attributeCase('no version', { specversion: null }, 'specversion must be a non-empty string'),
  attributeCase('older version', { specversion: '0.3' }, 'specversion must be 1.0', 'unsupported-message'),
  attributeCase('subject with a capital', { Subject: 'x' }, 'Subject is not an attribute name'),
  attributeCase('content type with capitals', { dataContentType: 'text/plain' }, 'write datacontenttype'),
  attributeCase('correlation with an underscore', { correlation_id: 'x' }, 'write correlationid'),
  attributeCase('attribute with a meaning that is an object', { correlationid: {} }, 'correlationid must be'),
  attributeCase('attribute name with a line break', { 'a\nb': 'x' }, 'is not an attribute name'),
  attributeCase('attribute name beyond its limit', { ['a'.repeat(300)]: 'x' }, 'is not an attribute name'),
  attributeCase('extensions beyond their limit', { a: 'x'.repeat(20_000) }, 'extension attributes', 'limit-exceeded'),
  attributeCase(
    'more attributes than an event has',
    Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`a${i}`, i])),
    'attributes',
    'limit-exceeded',
  ),
  attributeCase('control character in the id', { id: 'a\nb' }, 'id must not contain'),
  attributeCase('time without zone', { time: '2026-01-06T09:30:00' }, 'time must be an RFC 3339 time'),
  attributeCase('a day that does not exist', { time: '2026-02-30T09:30:00Z' }, 'time must be an RFC 3339 time'),
  attributeCase('no subject', { subject: null }, 'subject must be a non-empty string'),
  attributeCase(
    'a urn of somebody else',
    { subject: 'urn:gov:atlas:northbank:1' },
    'subject must be inside',
    'outside-namespace',
  ),
  attributeCase(
    'a namespace that only begins alike',
    { subject: 'urn:gov:events:northbank2:1' },
    'subject must be inside',
    'outside-namespace',
  ),
  attributeCase('data twice', { data_base64: 'e30=' }, 'data_base64'),
  attributeCase('severity beyond the scale', { severitynumber: 25 }, 'severitynumber'),
  attributeCase('data that is not base64', { data: null, data_base64: '***' }, 'data_base64'),
  eventCase(
    'unknown type of ours',
    events.cloudEvent('gov.asset.painted', {}),
    'gov.asset.created',
    'unsupported-message',
  ),
  eventCase(
    'later version of a type',
    events.cloudEvent('gov.domain.changed.v2', { domain: 'x' }),
    'v1',
    'unsupported-message',
  ),
  eventCase('no data', events.cloudEvent('gov.owner.changed'), 'data must be a JSON object'),
  eventCase('data as text', events.cloudEvent('gov.owner.changed', 'maria'), 'data must be a JSON object'),
  eventCase('domain left out', events.cloudEvent('gov.domain.changed', {}), 'data.domain is required'),
  eventCase(
    'unknown field',
    events.cloudEvent('gov.domain.changed', { domian: 'x' }),
    'data.domian is not a known field',
  ),
  assetCase('asset as list', [], 'data.asset must be an object'),
  assetCase('misspelt classifications', { clasifications: [] }, 'data.asset.clasifications'),
  assetCase('prototype as field', JSON.parse('{"__proto__":{"name":"x"}}'), '__proto__'),
  assetCase('status of ours', { status: 'purged' }, 'data.asset.status must be one of'),
  assetCase('owners as text', { owners: 'maria' }, 'data.asset.owners must be a list'),
  assetCase('owner of unknown type', { owners: [{ id: 'x', type: 'robot' }] }, 'data.asset.owners[0].type'),
  assetCase('column without name', { columns: [{ type: 'int' }] }, 'data.asset.columns[0].name'),
  assetCase(
    'column twice',
    { columns: [{ name: 'iban' }, { name: 'iban' }] },
    'data.asset.columns must not name the same entry twice',
  ),
  assetCase('tag without name', { classifications: ['pii/'] }, 'data.asset.classifications[0]'),
  assetCase(
    'tag added and removed',
    { classifications: { add: ['pii/iban'], remove: ['pii/iban'] } },
    'data.asset.classifications',
  ),
  assetCase(
    'level beyond the scale',
    { classifications: [{ name: 'iban', level: -1 }] },
    'data.asset.classifications[0].level',
  ),
  assetCase(
    'too many aliases',
    { aliases: Array.from({ length: 51 }, (_, index) => `a${index}`) },
    'data.asset.aliases',
    'limit-exceeded',
  ),
  assetCase(
    'property beyond its limit',
    { properties: { note: 'x'.repeat(20_000) } },
    'data.asset.properties.note',
    'limit-exceeded',
  ),
  eventCase(
    'check result of unknown status',
    events.cloudEvent('gov.quality.result', { check: 'rows', status: 'meh' }),
    'data.status must be one of',
  ),
  eventCase(
    'incident with text severity',
    events.cloudEvent('gov.incident.changed', { severity: 'high' }),
    'data.severity',
  ),
  eventCase('edge without end', events.cloudEvent('gov.relationship.changed', { from: 'a', type: 'joins' }), 'data.to'),
  eventCase('edge without type', events.cloudEvent('gov.relationship.changed', { from: 'a', to: 'b' }), 'data.type'),
  eventCase('definition without name', events.cloudEvent('gov.classification.defined', { scheme: 'pii' }), 'data.name'),
  eventCase(
    'payload beyond its limit',
    events.cloudEvent('com.northbank.audit', 'x'.repeat(200_000)),
    'data',
    'limit-exceeded',
  ),
  binaryCase(
    'binary without version',
    'gov.domain.changed',
    text('{}'),
    { ce_specversion: '' },
    'header ce_specversion',
    'invalid-message',
  ),
  binaryCase(
    'binary with broken JSON',
    'gov.domain.changed',
    text('{'),
    { 'content-type': 'application/json' },
    'JSON',
    'invalid-json',
  ),
  binaryCase(
    'binary with header name in capitals',
    'gov.domain.changed',
    text('{}'),
    { ce_Subject: 'x' },
    'write header ce_subject',
    'invalid-message',
  ),
  binaryCase('tombstone that needs data', 'gov.owner.changed', null, {}, 'without value', 'unsupported-message'),
  {
    ...headerCase('tombstone without headers', {}, 'content-type'),
    message: { ...events.structured({}, {}), value: null },
  },
];
