import { type JsonObject, canonicalJson, isJsonObject } from '../../../channels/event/json.ts';
import type { Origin } from '../../../channels/event/hub-event.ts';
import type { Clock } from '../../../channels/ports/clock.ts';
import type { NativeMessage } from '../../../channels/ports/connector-source.ts';
import type { ConnectorProfile, MessageFormat, Normalised } from '../../../channels/ports/message-format.ts';
import { readBaseline } from '../baseline.ts';
import type { MessageFacts } from '../change-base.ts';
import { invalid } from '../faults.ts';
import { asText } from '../fields.ts';
import { assertBodySize, jsonMessages, unsupportedMediaType } from '../http-body.ts';
import { formatLimits } from '../limits.ts';
import { isJsonType, isUtf8, mediaTypeOf } from '../media-type.ts';
import { messageIdOf } from '../message-id.ts';
import { parseJsonBytes } from '../parse-json.ts';
import { isoTime, systemClock, transportTime } from '../time.ts';
import { entityChanges } from './entity-changes.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import { decodeBase64, gunzip } from '../gunzip.ts';
import { type Notification, readNotification } from './notification.ts';
import { relationshipChanges } from './relationship-changes.ts';
import { readPart } from './split-message.ts';
import { type Ancestors, createAncestors } from './super-types.ts';

export interface AtlasFormatOptions {
  /** Direct super-types of each classification type, so that those which the source adds are not taken for tags, in exports as in messages. */
  readonly superTypes?: Readonly<Record<string, readonly string[]>>;
  /** Bytes of one message, also after decompression and joining. @default 16 MiB */
  readonly maxBytes?: number;
  /** Gives the messages of an HTTP body their time. @default the system clock */
  readonly clock?: Clock;
}

interface Context {
  readonly profile: ConnectorProfile;
  readonly ancestors: Ancestors;
  readonly maxBytes: number;
}

/** The envelope inside a compressed message. The source compresses once; more would only serve a bomb. */
function inflate(envelope: Envelope, maxBytes: number): Envelope {
  const text = asText({ value: envelope.body, path: envelope.path }, maxBytes);
  const inner = readEnvelope(
    parseJsonBytes(gunzip(decodeBase64(text, envelope.path), maxBytes, envelope.path), maxBytes),
  );
  if (inner.compression !== 'NONE' || inner.split !== undefined)
    throw invalid(envelope.path, 'must not contain a message that is compressed or split again');
  return inner;
}

function guidOf(subject: JsonObject): string {
  const id = subject['id'];
  return canonicalJson(subject['guid'] ?? (isJsonObject(id) ? id['id'] : id) ?? null);
}

/**
 * What makes the message itself: the envelope is left out, because a source that sends again makes a new one. Lists
 * that stand next to the entity belong to it: messages of one request share entity and time and differ only there.
 */
function identityOf({ operation, body, subject }: Notification, time: string): string {
  const { value: content } = subject;
  const beside = [body['traits'], body['mutatedDetails']].filter((list) => list !== undefined && list !== null);
  return messageIdOf([guidOf(content), operation, time, canonicalJson(content), ...beside.map(canonicalJson)]);
}

function factsOf(
  notification: Notification,
  envelope: Envelope,
  outer: Envelope,
  message: NativeMessage,
  origin: Origin,
  profile: ConnectorProfile,
): MessageFacts {
  const sentMs = envelope.createdMs ?? outer.createdMs;
  const ms = notification.timeMs ?? sentMs;
  const time = ms === undefined ? transportTime(message.timestampMs) : isoTime(ms);
  const spooled = envelope.spooled || outer.spooled;
  return {
    profile,
    origin: { ...origin, nativeType: notification.operation, ...(spooled ? { spooled } : {}) },
    messageId: identityOf(notification, time),
    time,
    // a request is told of when it is through: the one that began first may well be the last
    ...(sentMs === undefined ? {} : { sent: isoTime(sentMs) }),
    completeness: 'header',
    replay: false,
  };
}

function normalise(message: NativeMessage, origin: Origin, { profile, ancestors, maxBytes }: Context): Normalised {
  if (message.value === null) throw invalid('the message', 'must not be empty');
  const outer = readEnvelope(parseJsonBytes(message.value, maxBytes));
  if (outer.split !== undefined) return { kind: 'part', part: readPart(outer, outer.split, maxBytes) };
  const envelope = outer.compression === 'GZIP' ? inflate(outer, maxBytes) : outer;
  const notification = readNotification(envelope);
  const facts = factsOf(notification, envelope, outer, message, origin, profile);
  const changes = notification.operation.startsWith('RELATIONSHIP_')
    ? relationshipChanges(notification, facts)
    : entityChanges(notification, facts, ancestors);
  return { kind: 'changes', changes };
}

function split(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  timestampMs: number,
): readonly NativeMessage[] {
  assertBodySize(body);
  const contentType = headers['content-type'];
  const mediaType = mediaTypeOf(contentType);
  // some forks post their JSON as text
  if ((!isJsonType(mediaType) && mediaType !== 'text/plain') || !isUtf8(contentType))
    throw unsupportedMediaType(contentType, 'application/json in UTF-8 (text/plain is taken for it)');
  return jsonMessages(body, headers, timestampMs);
}

/**
 * Notifications of Apache Atlas and Microsoft Purview (topic ATLAS_ENTITIES), as they are on the wire. They tell how
 * an entity is now, seldom what was changed; what changed is found against the stored document.
 */
export function createAtlasFormat(options: AtlasFormatOptions = {}): MessageFormat {
  const ancestors = createAncestors(options.superTypes ?? {});
  const clock = options.clock ?? systemClock;
  const maxBytes = options.maxBytes ?? formatLimits.maxInflatedBytes;
  return {
    name: 'atlas',
    identifies: false,
    normalise: (message, origin, profile) => normalise(message, origin, { profile, ancestors, maxBytes }),
    split: (body, headers) => split(body, headers, clock.now()),
    readBaseline: (chunks, profile) => readBaseline(chunks, profile, options),
  };
}
