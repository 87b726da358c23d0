import type { JsonObject, JsonValue } from '../../channels/event/json.ts';
import type { NativeMessage } from '../../channels/ports/connector-source.ts';
import type { MessageFormat } from '../../channels/ports/message-format.ts';
import type { ErrorCode } from '../../channels/protocol/error-code.ts';
import * as atlas from './atlas/fixtures.ts';
import * as events from './cloudevents/fixtures.ts';

/** A message that must become a dead letter, and the code that says why. Made for a Kafka transport. */
export interface MalformedMessage {
  readonly name: string;
  readonly format: MessageFormat['name'];
  readonly message: NativeMessage;
  readonly code: ErrorCode;
  /** What the error must name. */
  readonly names: string;
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function atlasCase(name: string, value: JsonValue | Uint8Array, names: string, code: ErrorCode = 'invalid-message'): MalformedMessage {
  return { name: `atlas: ${name}`, format: 'atlas', message: atlas.nativeMessage(value), code, names };
}

function entityCase(name: string, members: JsonObject, names: string, code?: ErrorCode): MalformedMessage {
  return atlasCase(name, atlas.envelope(atlas.notification('ENTITY_UPDATE', atlas.tableHeader(members))), names, code);
}

function envelopeCase(name: string, members: JsonObject, names: string, code?: ErrorCode): MalformedMessage {
  return atlasCase(name, atlas.envelope(atlas.notification('ENTITY_UPDATE', atlas.tableHeader()), members), names, code);
}

function edgeCase(name: string, members: JsonObject, names: string): MalformedMessage {
  return atlasCase(name, atlas.envelope(atlas.relationshipNotification('RELATIONSHIP_CREATE', atlas.inputEdge(members))), names);
}

const split = { msgId: 'a_1', msgSplitCount: 3, msgSplitIdx: 1, message: 'AAAA' } as const;

const atlasMessages: readonly MalformedMessage[] = [
  { ...atlasCase('tombstone', {}, 'empty'), message: { ...atlas.nativeMessage({}), value: null } },
  atlasCase('no bytes', new Uint8Array(), 'JSON', 'invalid-json'),
  atlasCase('cut JSON', text('{"version":{"version":"1.0.0"'), 'JSON', 'invalid-json'),
  atlasCase('not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'UTF-8', 'invalid-json'),
  atlasCase('nested beyond measure', text('['.repeat(5000)), 'nest'),
  atlasCase('a number', 7, 'the message must be an object'),
  atlasCase('an array', [], 'the message must be an object'),
  atlasCase('half a surrogate pair', text('{"version":{"version":"1.0.0"},"message":"\\ud800"}'), 'surrogate'),
  envelopeCase('newer version', { version: { version: '1.1.0', versionParts: [1, 1] } }, 'version.version', 'unsupported-message'),
  envelopeCase('version without digits', { version: { version: 'one' } }, 'version.version'),
  envelopeCase('version as text', { version: '1.0.0' }, 'version must be an object'),
  envelopeCase('unknown compression', { msgCompressionKind: 'ZSTD' }, 'msgCompressionKind', 'unsupported-message'),
  envelopeCase('compression as number', { msgCompressionKind: 1 }, 'msgCompressionKind'),
  envelopeCase('compressed object', { msgCompressionKind: 'GZIP' }, 'message must be a string'),
  envelopeCase('compressed but not base64', { msgCompressionKind: 'GZIP', message: 'not base64!' }, 'message must be base64'),
  envelopeCase('compressed but not gzip', { msgCompressionKind: 'GZIP', message: 'AAAA' }, 'gzip'),
  atlasCase('compressed twice', atlas.gzipped(atlas.gzipped(atlas.envelope({}))), 'again'),
  envelopeCase('creation time as text', { msgCreationTime: 'yesterday' }, 'msgCreationTime'),
  envelopeCase('spooled as text', { spooled: 'yes' }, 'spooled'),
  envelopeCase('part beyond the count', { ...split, msgSplitIdx: 3 }, 'msgSplitIdx'),
  envelopeCase('part without id', { ...split, msgId: null }, 'msgId'),
  envelopeCase('part that is an object', { ...split, message: {} }, 'message must be a string'),
  envelopeCase('too many parts', { ...split, msgSplitCount: 100_000 }, 'msgSplitCount'),
  envelopeCase('no body', { message: null }, 'message must be an object'),
  atlasCase('unknown type', atlas.envelope({ type: 'WEATHER' }), 'message.type', 'unsupported-message'),
  atlasCase('hook message', atlas.envelope({ type: 'ENTITY_CREATE_V2', user: 'etl', entities: { entities: [] } }), 'requests, not facts', 'unsupported-message'),
  atlasCase('type definition hook', atlas.envelope({ type: 'TYPE_UPDATE', user: 'etl' }), 'requests, not facts', 'unsupported-message'),
  atlasCase('no operation', atlas.envelope({ type: 'ENTITY_NOTIFICATION_V2', entity: {} }), 'message.operationType'),
  atlasCase('unknown operation', atlas.envelope(atlas.notification('ENTITY_PAINT', {})), 'message.operationType', 'unsupported-message'),
  atlasCase('no entity', atlas.envelope(atlas.notification('ENTITY_CREATE', null)), 'message.entity must be an object'),
  atlasCase('legacy without entity', { type: 'ENTITY_NOTIFICATION_V1', operationType: 'TRAIT_ADD' }, 'entity must be an object'),
  atlasCase('time as text', atlas.envelope(atlas.notification('ENTITY_CREATE', atlas.tableHeader(), { eventTime: 'noon' })), 'message.eventTime'),
  atlasCase('time beyond the calendar', atlas.envelope(atlas.notification('ENTITY_CREATE', atlas.tableHeader(), { eventTime: 9e15 })), 'message.eventTime'),
  entityCase('guid missing', { guid: null }, 'message.entity.guid must be a non-empty string'),
  entityCase('guid as number', { guid: 17 }, 'message.entity.guid must be a non-empty string'),
  entityCase('type missing', { typeName: '' }, 'message.entity.typeName'),
  entityCase('attributes as list', { attributes: [] }, 'message.entity.attributes must be an object'),
  entityCase('name as number', { attributes: { name: 3 } }, 'message.entity.attributes.name'),
  entityCase('owner as object', { attributes: { owner: {} } }, 'message.entity.attributes.owner'),
  entityCase('description beyond its limit', { attributes: { description: 'x'.repeat(70_000) } }, 'message.entity.attributes.description', 'limit-exceeded'),
  entityCase('tags as object', { classifications: {} }, 'message.entity.classifications must be a list'),
  entityCase('tag as text', { classifications: ['PII'] }, 'message.entity.classifications[0] must be an object'),
  entityCase('tag without type', { classifications: [{}] }, 'message.entity.classifications[0].typeName'),
  atlasCase('tag added without tags', atlas.envelope(atlas.notification('CLASSIFICATION_ADD', atlas.tableHeader())), 'message.entity.classifications'),
  edgeCase('edge without end', { end2: null }, 'message.relationship.end2 must be an object'),
  edgeCase('edge end without guid', { end1: { typeName: 'hive_process' } }, 'message.relationship.end1.guid'),
];

function eventCase(name: string, event: JsonValue | Uint8Array, names: string, code: ErrorCode = 'invalid-message'): MalformedMessage {
  return { name: `cloudevents: ${name}`, format: 'cloudevents', message: events.structured(event), code, names };
}

function attributeCase(name: string, members: JsonObject, names: string, code?: ErrorCode): MalformedMessage {
  return eventCase(name, events.cloudEvent('gov.domain.changed', { domain: 'retail' }, members), names, code);
}

function assetCase(name: string, asset: JsonValue, names: string, code?: ErrorCode): MalformedMessage {
  return eventCase(name, events.cloudEvent('gov.asset.updated', { asset }), names, code);
}

function headerCase(name: string, headers: Readonly<Record<string, string>>, names: string, code: ErrorCode = 'invalid-message'): MalformedMessage {
  const message = events.structured(events.cloudEvent('gov.domain.changed', { domain: 'retail' }), headers);
  return { name: `cloudevents: ${name}`, format: 'cloudevents', message, code, names };
}

function binaryCase(name: string, type: string, value: Uint8Array | null, headers: Readonly<Record<string, string>>, names: string, code: ErrorCode): MalformedMessage {
  return { name: `cloudevents: ${name}`, format: 'cloudevents', message: events.binary('ce_', type, value, headers), code, names };
}

const cloudEventsMessages: readonly MalformedMessage[] = [
  headerCase('no content type and no headers', {}, 'content-type'),
  headerCase('batch over Kafka', { 'content-type': 'application/cloudevents-batch+json' }, 'batches', 'unsupported-message'),
  headerCase('Avro event format', { 'content-type': 'application/cloudevents+avro' }, 'content-type', 'unsupported-message'),
  headerCase('another character set', { 'content-type': 'application/cloudevents+json; charset=utf-16' }, 'UTF-8', 'unsupported-message'),
  { ...headerCase('empty structured message', events.structuredHeaders, 'empty'), message: { ...events.structured({}), value: null } },
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
  attributeCase('attribute name with capitals', { traceParent: '00-1' }, 'traceParent'),
  attributeCase('attribute that is an object', { ext: {} }, 'ext must be'),
  attributeCase('control character in the id', { id: 'a\nb' }, 'id must not hold'),
  attributeCase('time without zone', { time: '2026-01-06T09:30:00' }, 'time must be an RFC 3339 time'),
  attributeCase('a day that does not exist', { time: '2026-02-30T09:30:00Z' }, 'time must be an RFC 3339 time'),
  attributeCase('no subject', { subject: null }, 'subject must be a non-empty string'),
  attributeCase('a urn of somebody else', { subject: 'urn:gov:atlas:northbank:1' }, 'subject must be inside', 'outside-namespace'),
  attributeCase('a namespace that only begins alike', { subject: 'urn:gov:events:northbank2:1' }, 'subject must be inside', 'outside-namespace'),
  attributeCase('data twice', { data_base64: 'e30=' }, 'data_base64'),
  attributeCase('severity beyond the scale', { severitynumber: 25 }, 'severitynumber'),
  attributeCase('data that is not base64', { data: null, data_base64: '***' }, 'data_base64'),
  eventCase('unknown type of ours', events.cloudEvent('gov.asset.painted', {}), 'gov.asset.created', 'unsupported-message'),
  eventCase('later version of a type', events.cloudEvent('gov.domain.changed.v2', { domain: 'x' }), 'v1', 'unsupported-message'),
  eventCase('no data', events.cloudEvent('gov.owner.changed'), 'data must be a JSON object'),
  eventCase('data as text', events.cloudEvent('gov.owner.changed', 'maria'), 'data must be a JSON object'),
  eventCase('domain left out', events.cloudEvent('gov.domain.changed', {}), 'data.domain must be there'),
  eventCase('unknown field', events.cloudEvent('gov.domain.changed', { domian: 'x' }), 'data.domian is not a known field'),
  assetCase('asset as list', [], 'data.asset must be an object'),
  assetCase('misspelt classifications', { clasifications: [] }, 'data.asset.clasifications'),
  assetCase('prototype as field', JSON.parse('{"__proto__":{"name":"x"}}') as JsonValue, '__proto__'),
  assetCase('status of ours', { status: 'purged' }, 'data.asset.status must be one of'),
  assetCase('owners as text', { owners: 'maria' }, 'data.asset.owners must be a list'),
  assetCase('owner of unknown type', { owners: [{ id: 'x', type: 'robot' }] }, 'data.asset.owners[0].type'),
  assetCase('column without name', { columns: [{ type: 'int' }] }, 'data.asset.columns[0].name'),
  assetCase('column twice', { columns: [{ name: 'iban' }, { name: 'iban' }] }, 'data.asset.columns must not name the same entry twice'),
  assetCase('tag without name', { classifications: ['pii/'] }, 'data.asset.classifications[0]'),
  assetCase('tag added and removed', { classifications: { add: ['pii/iban'], remove: ['pii/iban'] } }, 'data.asset.classifications'),
  assetCase('level beyond the scale', { classifications: [{ name: 'iban', level: -1 }] }, 'data.asset.classifications[0].level'),
  assetCase('too many aliases', { aliases: Array.from({ length: 51 }, (_, index) => `a${index}`) }, 'data.asset.aliases', 'limit-exceeded'),
  assetCase('property beyond its limit', { properties: { note: 'x'.repeat(20_000) } }, 'data.asset.properties.note', 'limit-exceeded'),
  eventCase('number beyond a double', text('{"specversion":"1.0","id":"1","source":"/a","type":"gov.property.changed","subject":"s","data":{"properties":{"n":1e999}}}'), 'data.properties'),
  eventCase('check result of unknown status', events.cloudEvent('gov.quality.result', { check: 'rows', status: 'meh' }), 'data.status must be one of'),
  eventCase('incident with text severity', events.cloudEvent('gov.incident.changed', { severity: 'high' }), 'data.severity'),
  eventCase('edge without end', events.cloudEvent('gov.relationship.changed', { from: 'a', type: 'joins' }), 'data.to'),
  eventCase('edge without type', events.cloudEvent('gov.relationship.changed', { from: 'a', to: 'b' }), 'data.type'),
  eventCase('definition without name', events.cloudEvent('gov.classification.defined', { scheme: 'pii' }), 'data.name'),
  eventCase('payload beyond its limit', events.cloudEvent('com.northbank.audit', 'x'.repeat(200_000)), 'data', 'limit-exceeded'),
  binaryCase('binary without version', 'gov.domain.changed', text('{}'), { ce_specversion: '' }, 'header ce_specversion', 'invalid-message'),
  binaryCase('binary with broken JSON', 'gov.domain.changed', text('{'), { 'content-type': 'application/json' }, 'JSON', 'invalid-json'),
  binaryCase('binary with header name in capitals', 'gov.domain.changed', text('{}'), { ce_traceParent: 'x' }, 'ce_traceParent', 'invalid-message'),
  binaryCase('tombstone that needs data', 'gov.owner.changed', null, {}, 'without value', 'unsupported-message'),
  { ...headerCase('tombstone without headers', {}, 'content-type'), message: { ...events.structured({}, {}), value: null } },
];

/** What no format may take in, and no consumer may stop at. */
export const malformedMessages: readonly MalformedMessage[] = [...atlasMessages, ...cloudEventsMessages];
