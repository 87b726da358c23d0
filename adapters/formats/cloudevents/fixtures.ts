import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import type { Origin } from '../../../channels/event/hub-event.ts';
import type { NativeMessage } from '../../../channels/ports/connector-source.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';

/** The data platform of an invented retail bank. */
export const eventsProfile: ConnectorProfile = {
  id: 'northbank-events',
  tenant: 'northbank',
  namespace: 'urn:gov:events:northbank',
  writes: ['urn:gov:lake:northbank'],
  scheme: 'bank',
};
export const kafkaOrigin: Origin = {
  system: 'cloudevents',
  transport: 'kafka',
  topic: 'governance',
  partition: 3,
  offset: 99,
};
export const httpOrigin: Origin = { system: 'cloudevents', transport: 'http' };
export const structuredHeaders = { 'content-type': 'application/cloudevents+json; charset=utf-8' } as const;
export const transportMs = 1_767_688_201_000;

/** An event in the JSON format, with members replaced or added. */
export function cloudEvent(type: string, data?: JsonValue, members: JsonObject = {}): JsonObject {
  return {
    specversion: '1.0',
    id: 'evt-2026-000417',
    source: '/platform/lake',
    type,
    subject: 'retail/current_accounts',
    time: '2026-01-06T09:30:00.5+01:00',
    ...(data === undefined ? {} : { datacontenttype: 'application/json', data }),
    ...members,
  };
}

export function structured(
  event: JsonValue | Uint8Array,
  headers: Readonly<Record<string, string>> = structuredHeaders,
): NativeMessage {
  const bytes = event instanceof Uint8Array ? event : new TextEncoder().encode(JSON.stringify(event));
  return { value: bytes, key: null, headers, timestampMs: transportMs };
}

/** An event whose attributes are headers. */
export function binary(
  prefix: 'ce_' | 'ce-',
  type: string,
  value: Uint8Array | null,
  headers: Readonly<Record<string, string>> = {},
): NativeMessage {
  return {
    value,
    key: 'retail/current_accounts',
    headers: {
      [`${prefix}specversion`]: '1.0',
      [`${prefix}id`]: 'evt-2026-000418',
      [`${prefix}source`]: '/platform/lake',
      [`${prefix}type`]: type,
      [`${prefix}subject`]: 'retail/current_accounts',
      ...headers,
    },
    timestampMs: transportMs,
  };
}

export function bytesOf(value: JsonValue): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
