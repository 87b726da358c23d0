import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import type { ErrorCode } from '../../../channels/protocol/error-code.ts';
import type { MalformedMessage } from '../malformed-message.ts';
import * as atlas from './fixtures.ts';

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function atlasCase(
  name: string,
  value: JsonValue | Uint8Array,
  names: string,
  code: ErrorCode = 'invalid-message',
): MalformedMessage {
  return { name: `atlas: ${name}`, format: 'atlas', message: atlas.nativeMessage(value), code, names };
}

function entityCase(name: string, members: JsonObject, names: string, code?: ErrorCode): MalformedMessage {
  return atlasCase(name, atlas.envelope(atlas.notification('ENTITY_UPDATE', atlas.tableHeader(members))), names, code);
}

function envelopeCase(name: string, members: JsonObject, names: string, code?: ErrorCode): MalformedMessage {
  return atlasCase(
    name,
    atlas.envelope(atlas.notification('ENTITY_UPDATE', atlas.tableHeader()), members),
    names,
    code,
  );
}

function edgeCase(name: string, members: JsonObject, names: string): MalformedMessage {
  return atlasCase(
    name,
    atlas.envelope(atlas.relationshipNotification('RELATIONSHIP_CREATE', atlas.inputEdge(members))),
    names,
  );
}

const split = { msgId: 'a_1', msgSplitCount: 3, msgSplitIdx: 1, message: 'AAAA' } as const;

export const malformedAtlasMessages: readonly MalformedMessage[] = [
  { ...atlasCase('tombstone', {}, 'empty'), message: { ...atlas.nativeMessage({}), value: null } },
  atlasCase('no bytes', new Uint8Array(), 'JSON', 'invalid-json'),
  atlasCase('cut JSON', text('{"version":{"version":"1.0.0"'), 'JSON', 'invalid-json'),
  atlasCase('not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'UTF-8', 'invalid-json'),
  atlasCase('nested beyond measure', text('['.repeat(5000)), 'nest'),
  atlasCase('a number', 7, 'the message must be an object'),
  atlasCase('an array', [], 'the message must be an object'),
  atlasCase('half a surrogate pair', text('{"version":{"version":"1.0.0"},"message":"\\ud800"}'), 'surrogate'),
  envelopeCase(
    'newer version',
    { version: { version: '1.1.0', versionParts: [1, 1] } },
    'version.version',
    'unsupported-message',
  ),
  envelopeCase('version without digits', { version: { version: 'one' } }, 'version.version'),
  envelopeCase('version as text', { version: '1.0.0' }, 'version must be an object'),
  envelopeCase('unknown compression', { msgCompressionKind: 'ZSTD' }, 'msgCompressionKind', 'unsupported-message'),
  envelopeCase('compression as number', { msgCompressionKind: 1 }, 'msgCompressionKind'),
  envelopeCase('compressed object', { msgCompressionKind: 'GZIP' }, 'message must be a string'),
  envelopeCase(
    'compressed but not base64',
    { msgCompressionKind: 'GZIP', message: 'not base64!' },
    'message must be base64',
  ),
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
  atlasCase(
    'hook message',
    atlas.envelope({ type: 'ENTITY_CREATE_V2', user: 'etl', entities: { entities: [] } }),
    'requests, not facts',
    'unsupported-message',
  ),
  atlasCase(
    'type definition hook',
    atlas.envelope({ type: 'TYPE_UPDATE', user: 'etl' }),
    'requests, not facts',
    'unsupported-message',
  ),
  atlasCase('no operation', atlas.envelope({ type: 'ENTITY_NOTIFICATION_V2', entity: {} }), 'message.operationType'),
  atlasCase(
    'unknown operation',
    atlas.envelope(atlas.notification('ENTITY_PAINT', {})),
    'message.operationType',
    'unsupported-message',
  ),
  atlasCase('no entity', atlas.envelope(atlas.notification('ENTITY_CREATE', null)), 'message.entity must be an object'),
  atlasCase(
    'legacy without entity',
    { type: 'ENTITY_NOTIFICATION_V1', operationType: 'TRAIT_ADD' },
    'entity must be an object',
  ),
  atlasCase(
    'time as text',
    atlas.envelope(atlas.notification('ENTITY_CREATE', atlas.tableHeader(), { eventTime: 'noon' })),
    'message.eventTime',
  ),
  atlasCase(
    'time beyond the calendar',
    atlas.envelope(atlas.notification('ENTITY_CREATE', atlas.tableHeader(), { eventTime: 9e15 })),
    'message.eventTime',
  ),
  entityCase('guid missing', { guid: null }, 'message.entity.guid must be a non-empty string'),
  entityCase('guid as number', { guid: 17 }, 'message.entity.guid must be a non-empty string'),
  entityCase('type missing', { typeName: '' }, 'message.entity.typeName'),
  entityCase('tags as object', { classifications: {} }, 'message.entity.classifications must be a list'),
  entityCase('tag as number', { classifications: [7] }, 'message.entity.classifications[0] must be an object'),
  entityCase('tag without type', { classifications: [{}] }, 'message.entity.classifications[0].typeName'),
  atlasCase(
    'tag added without tags',
    atlas.envelope(atlas.notification('CLASSIFICATION_ADD', atlas.tableHeader())),
    'message.entity.classifications',
  ),
  edgeCase('edge without end', { end2: null }, 'message.relationship.end2 must be an object'),
  edgeCase('edge end without guid', { end1: { typeName: 'hive_process' } }, 'message.relationship.end1.guid'),
];
