import type { Change } from '../../../channels/catalog/change.ts';
import type { Origin } from '../../../channels/event/hub-event.ts';
import { withMembers } from '../../../channels/event/with-members.ts';
import type { Clock } from '../../../channels/ports/clock.ts';
import type { NativeMessage } from '../../../channels/ports/connector-source.ts';
import type { ConnectorProfile, MessageFormat } from '../../../channels/ports/message-format.ts';
import { readBaseline } from '../baseline.ts';
import type { MessageFacts } from '../change-base.ts';
import { invalid, tooLarge, unsupported } from '../faults.ts';
import { withDefined } from '../fields.ts';
import { assertBodySize, httpMessage, jsonMessages, unsupportedMediaType } from '../http-body.ts';
import { formatLimits } from '../limits.ts';
import { contentTypeOf, isUtf8, mediaTypeOf } from '../media-type.ts';
import { messageIdOf } from '../message-id.ts';
import { parseJsonBytes } from '../parse-json.ts';
import { systemClock, transportTime } from '../time.ts';
import { bareEvent, mayBeBare } from './bare-event.ts';
import { hasEventHeaders, type HeaderPrefix, readBinary } from './binary.ts';
import type { CloudEvent } from './cloud-event.ts';
import { eventChanges } from './event-changes.ts';
import { govTypeOf } from './gov-type.ts';
import { readStructured } from './structured.ts';

export interface CloudEventsFormatOptions {
  /** Direct super-types of each classification type, of exports of Atlas that are imported. @default none */
  readonly superTypes?: Readonly<Record<string, readonly string[]>>;
  /** Gives the messages of an HTTP body their time. @default the system clock */
  readonly clock?: Clock;
}

const structuredType = 'application/cloudevents+json';
const batchType = 'application/cloudevents-batch+json';
const accepted = `${structuredType}, ${batchType}, or any other together with ce- headers; JSON or text/plain also if the body has a specversion`;

/** `+json` may be left out, JSON is the default event format. */
function isStructured(mediaType: string): boolean {
  return mediaType === structuredType || mediaType === 'application/cloudevents';
}

function isBatch(mediaType: string): boolean {
  return mediaType === batchType || mediaType === 'application/cloudevents-batch';
}

function readEvent(message: NativeMessage, prefix: HeaderPrefix): CloudEvent {
  const contentType = contentTypeOf(message.headers);
  const mediaType = mediaTypeOf(contentType);
  if (isBatch(mediaType)) throw unsupported('a message must be one event; batches are taken over HTTP only');
  if (!mediaType.startsWith('application/cloudevents')) {
    if (hasEventHeaders(message.headers, prefix)) return readBinary(message, prefix);
    return readBare(message, mediaType, prefix);
  }
  if (!isStructured(mediaType) || !isUtf8(contentType))
    throw unsupported(`content-type must be ${structuredType} in UTF-8`);
  if (message.value === null) throw invalid('the message', 'must not be empty in structured mode');
  return readStructured(parseJsonBytes(message.value));
}

/** A record of Kafka keeps its headers when it is ingested again by hand, as HTTP; HTTP itself brings none such. */
function prefixOf({ headers }: NativeMessage, { transport }: Origin): HeaderPrefix {
  return transport === 'http' && !hasEventHeaders(headers, 'ce_') ? 'ce-' : 'ce_';
}

/** The connector is one of events, so what looks like one is taken for one. */
function readBare({ value }: NativeMessage, mediaType: string, prefix: HeaderPrefix): CloudEvent {
  const bare = value !== null && (mediaType === '' || mayBeBare(mediaType)) ? bareEvent(value) : undefined;
  if (bare !== undefined && !Array.isArray(bare)) return readStructured(bare);
  throw invalid(
    'the message',
    `must be one event: with the content-type ${structuredType}, with ${prefix} headers, or as JSON with a specversion`,
  );
}

/** The kinds of the CloudEvents auth context extension, in the hub's words. */
function authtypeOf(authtype: string | undefined): Change['authtype'] {
  switch (authtype) {
    case 'user':
    case 'app_user':
      return 'user';
    case 'service_account':
    case 'api_key':
      return 'service_account';
    case 'system':
      return 'system';
    default:
      return 'unknown';
  }
}

function factsOf(event: CloudEvent, message: NativeMessage, origin: Origin, profile: ConnectorProfile): MessageFacts {
  const { authid, correlationid, causationid, extensions } = event;
  const actor = authid === undefined ? undefined : { id: authid };
  const facts = {
    profile,
    origin: withMembers(origin, { nativeType: event.type.slice(0, 256) }),
    messageId: messageIdOf([event.source, event.id]),
    time: event.time ?? transportTime(message.timestampMs),
    completeness: event.type.startsWith('gov.') && govTypeOf(event.type) === 'gov.asset.created' ? 'state' : 'delta',
    replay: false,
    authtype: authtypeOf(event.authtype),
  } as const;
  return withDefined(facts, { actor, correlationid, causationid, extensions });
}

function split(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  timestampMs: number,
): readonly NativeMessage[] {
  assertBodySize(body);
  const contentType = headers['content-type'];
  const mediaType = mediaTypeOf(contentType);
  if (isBatch(mediaType) && isUtf8(contentType)) return batch(body, headers, timestampMs);
  if (isStructured(mediaType) && isUtf8(contentType)) return [httpMessage(body, headers, timestampMs)];
  if (mediaType.startsWith('application/cloudevents')) throw unsupportedMediaType(contentType, accepted);
  if (hasEventHeaders(headers, 'ce-')) return [httpMessage(body, headers, timestampMs)];
  const bare = mayBeBare(mediaType) && isUtf8(contentType) ? bareEvent(body) : undefined;
  if (bare === undefined) throw unsupportedMediaType(contentType, accepted);
  return jsonMessages(body, { ...headers, 'content-type': structuredType }, timestampMs);
}

function batch(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  timestampMs: number,
): readonly NativeMessage[] {
  const messages = jsonMessages(body, { ...headers, 'content-type': structuredType }, timestampMs);
  // the only message that is the body itself is a body that is not an array
  if (messages.length === 1 && messages[0]?.value === body) throw invalid('the body', 'must be a list of events');
  return messages;
}

/**
 * CloudEvents 1.0 over Kafka and HTTP, structured and binary, and in batches over HTTP. Types that begin with `gov.`
 * change the catalog; all others are kept as they are. `origin.transport` decides how headers are read.
 */
export function createCloudEventsFormat(options: CloudEventsFormatOptions = {}): MessageFormat {
  const { clock = systemClock } = options;
  return {
    name: 'cloudevents',
    identifies: true,
    normalise: (message, origin, profile) => {
      if (message.value !== null && message.value.byteLength > formatLimits.maxMessageBytes)
        throw tooLarge('the message', formatLimits.maxMessageBytes);
      const event = readEvent(message, prefixOf(message, origin));
      return { kind: 'changes', changes: eventChanges(event, factsOf(event, message, origin, profile)) };
    },
    split: (body, headers) => split(body, headers, clock.now()),
    readBaseline: (chunks, profile) => readBaseline(chunks, profile, options),
  };
}
