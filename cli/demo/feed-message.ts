import { isJsonObject, type JsonObject, type JsonValue } from '../../channels/event/json.ts';

/** One native message of the feed and how long to wait after it. */
export interface FeedItem {
  /** Which connector of the development configuration takes it in; its format follows from it. */
  readonly connector: 'events' | 'atlas';
  readonly message: JsonObject;
  /** At speed 1. */
  readonly pauseMs: number;
}

export interface CloudEventParts {
  readonly type: string;
  readonly subject: string;
  readonly actor?: string;
  readonly data?: { readonly [key: string]: JsonValue };
}

/** Without a time: the hub takes that of the arrival, so that the feed is the same on every run. */
export function cloudEvent(number: number, { type, subject, actor, data }: CloudEventParts): JsonObject {
  return {
    specversion: '1.0',
    id: `bank-${number}`,
    source: '/northwind-bank/catalog',
    type: `gov.${type}`,
    subject,
    ...(actor === undefined ? {} : { authid: actor, authtype: actor === 'scanner' ? 'service_account' : 'user' }),
    ...(data === undefined ? {} : { data }),
  };
}

export interface AtlasParts {
  readonly operation: 'ENTITY_CREATE' | 'CLASSIFICATION_ADD' | 'CLASSIFICATION_DELETE';
  readonly guid: string;
  /** `schema.table` */
  readonly table: string;
  readonly owner: string;
  readonly tags: readonly string[];
}

/** A notification as Apache Atlas sends it on ATLAS_ENTITIES. */
export function atlasNotification({ operation, guid, table, owner, tags }: AtlasParts): JsonObject {
  const name = table.slice(table.indexOf('.') + 1);
  return {
    version: { version: '1.0.0', versionParts: [1] },
    msgCompressionKind: 'NONE',
    msgSplitIdx: 1,
    msgSplitCount: 1,
    message: {
      type: 'ENTITY_NOTIFICATION_V2',
      operationType: operation,
      entity: {
        typeName: 'hive_table',
        guid,
        displayText: name,
        status: 'ACTIVE',
        attributes: { qualifiedName: `${table}@bank`, name, owner },
        classifications: tags.map((typeName) => ({ typeName, entityGuid: guid })),
      },
    },
  };
}

/**
 * The message as it is sent at a time. Atlas tells one thing apart from the same thing later by the time only;
 * CloudEvents have ids, and without a time that of their arrival counts.
 */
export function sentAt({ connector, message }: FeedItem, nowMs: number): JsonObject {
  const notification = message['message'];
  return connector === 'atlas' && isJsonObject(notification)
    ? { ...message, message: { ...notification, eventTime: nowMs } }
    : message;
}
