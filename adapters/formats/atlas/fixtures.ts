import { gzipSync } from 'node:zlib';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import type { Origin } from '../../../channels/event/hub-event.ts';
import type { NativeMessage } from '../../../channels/ports/connector-source.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';

/** The catalog of an invented retail bank. */
export const atlasProfile: ConnectorProfile = {
  id: 'northbank-atlas',
  tenant: 'northbank',
  namespace: 'urn:gov:atlas:northbank',
  writes: [],
  scheme: 'atlas',
};
export const atlasOrigin: Origin = {
  system: 'atlas',
  transport: 'kafka',
  topic: 'ATLAS_ENTITIES',
  partition: 0,
  offset: 42,
};

export const accountsGuid = '5b1f6c1e-0c7c-4a3f-9a55-2f6f3a0c9d01';
export const paymentsGuid = '5b1f6c1e-0c7c-4a3f-9a55-2f6f3a0c9d02';
export const ibanGuid = '5b1f6c1e-0c7c-4a3f-9a55-2f6f3a0c9d03';
export const loadGuid = '5b1f6c1e-0c7c-4a3f-9a55-2f6f3a0c9d04';
export const eventTime = 1_767_688_200_123;
export const transportMs = 1_767_688_201_000;

export function nativeMessage(
  value: JsonValue | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): NativeMessage {
  const bytes = value instanceof Uint8Array ? value : new TextEncoder().encode(JSON.stringify(value));
  return { value: bytes, key: null, headers, timestampMs: transportMs };
}

/** The header of a table, with members replaced or added. */
export function tableHeader(members: JsonObject = {}): JsonObject {
  return {
    typeName: 'hive_table',
    guid: accountsGuid,
    status: 'ACTIVE',
    displayText: 'current_accounts',
    attributes: {
      qualifiedName: 'retail.current_accounts@north',
      name: 'current_accounts',
      owner: 'maria.keller',
      createTime: 1_700_000_000_000,
    },
    ...members,
  };
}

export function tag(typeName: string, members: JsonObject = {}): JsonObject {
  return { typeName, entityGuid: accountsGuid, entityStatus: 'ACTIVE', propagate: true, ...members };
}

export function notification(operationType: string, entity: JsonValue, members: JsonObject = {}): JsonObject {
  return { type: 'ENTITY_NOTIFICATION_V2', operationType, eventTime, entity, ...members };
}

export function relationshipNotification(
  operationType: string,
  relationship: JsonObject,
  members: JsonObject = {},
): JsonObject {
  return { type: 'ENTITY_NOTIFICATION_V2', operationType, eventTime, entity: null, relationship, ...members };
}

/** The edge by which a load process reads the payments. */
export function inputEdge(members: JsonObject = {}): JsonObject {
  return {
    typeName: 'dataset_process_inputs',
    guid: '5b1f6c1e-0c7c-4a3f-9a55-2f6f3a0c9d09',
    status: 'ACTIVE',
    propagateTags: 'TWO_TO_ONE',
    label: 'r:dataset_process_inputs',
    end1: { guid: loadGuid, typeName: 'hive_process' },
    end2: {
      guid: paymentsGuid,
      typeName: 'hive_table',
      uniqueAttributes: { qualifiedName: 'retail.card_payments@north' },
    },
    ...members,
  };
}

/** A table and its trait, as the first notification version describes them. */
export function referenceable(members: JsonObject = {}): JsonObject {
  return {
    jsonClass: 'Reference',
    typeName: 'hive_table',
    id: { id: accountsGuid, typeName: 'hive_table', version: 0, state: 'ACTIVE' },
    values: {
      qualifiedName: 'retail.current_accounts@north',
      name: 'current_accounts',
      owner: 'maria.keller',
      description: null,
    },
    traitNames: ['PII'],
    traits: { PII: { typeName: 'PII', values: {} } },
    ...members,
  };
}

export function envelope(message: JsonValue, members: JsonObject = {}): JsonObject {
  return {
    version: { version: '1.0.0', versionParts: [1] },
    msgCompressionKind: 'NONE',
    msgSplitIdx: 1,
    msgSplitCount: 1,
    msgSourceIP: '192.0.2.17',
    msgCreatedBy: '',
    msgCreationTime: eventTime + 40,
    message,
    ...members,
  };
}

/** As the source compresses: the whole inner envelope. */
export function gzipped(inner: JsonValue, members: JsonObject = {}): JsonObject {
  const text = gzipSync(JSON.stringify(inner)).toString('base64');
  return envelope(text, { msgId: 'c0ffee00-1111-4222-8333-444455556666_7', msgCompressionKind: 'GZIP', ...members });
}

/** As the source splits: base64 text of the inner envelope, compressed or not, cut into parts that count from 0. */
export function splitParts(inner: JsonValue, count: number, compression: 'NONE' | 'GZIP'): readonly JsonObject[] {
  const bytes = Buffer.from(JSON.stringify(inner));
  const text = (compression === 'GZIP' ? gzipSync(bytes) : bytes).toString('base64');
  const size = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, index) =>
    envelope(text.slice(index * size, (index + 1) * size), {
      msgId: 'c0ffee00-1111-4222-8333-444455556666_8',
      msgCompressionKind: compression,
      msgSplitIdx: index,
      msgSplitCount: count,
    }),
  );
}
