import { isJsonObject, type JsonObject } from '../../../channels/event/json.ts';
import { invalid, unsupported } from '../faults.ts';
import { asObject, member, optional, asText, type Field } from '../fields.ts';
import { epochMs } from '../time.ts';
import type { Envelope } from './envelope.ts';
import { traitOperation } from './referenceable.ts';

const operations = [
  'ENTITY_CREATE',
  'ENTITY_UPDATE',
  'ENTITY_DELETE',
  'CLASSIFICATION_ADD',
  'CLASSIFICATION_UPDATE',
  'CLASSIFICATION_DELETE',
  'RELATIONSHIP_CREATE',
  'RELATIONSHIP_UPDATE',
  'RELATIONSHIP_DELETE',
  'BUSINESS_ATTRIBUTE_UPDATE',
] as const;
type Operation = (typeof operations)[number];

/** A fact of the catalog: something happened to one entity or one relationship. */
export interface Notification {
  readonly version: 1 | 2;
  readonly operation: Operation;
  readonly body: JsonObject;
  readonly path: string;
  readonly subject: Field & { readonly value: JsonObject };
  /** `eventTime`, when there is one. */
  readonly timeMs: number | undefined;
}

const hookTypes = /^(ENTITY_(CREATE|FULL_UPDATE|PARTIAL_UPDATE|DELETE)(_V2)?|TYPE_[A-Z_]+|IMPORT_[A-Z_]+)$/;

function versionOf(body: JsonObject, path: string): 1 | 2 {
  const type = optional(member(body, 'type', path), (field) => asText(field, 200));
  if (type === 'ENTITY_NOTIFICATION_V2') return 2;
  if (type === 'ENTITY_NOTIFICATION_V1') return 1;
  const at = member(body, 'type', path).path;
  if (type !== undefined && hookTypes.test(type)) {
    throw unsupported(
      `${at} is ${type}: hook messages are requests, not facts; connect the topic ATLAS_ENTITIES instead`,
    );
  }
  if (type !== undefined) throw unsupported(`${at} must be ENTITY_NOTIFICATION_V2 or ENTITY_NOTIFICATION_V1`);
  const { value: entity } = member(body, 'entity', path);
  return Array.isArray(body['traits']) || (isJsonObject(entity) && entity['id'] !== undefined) ? 1 : 2;
}

function operationOf(body: JsonObject, path: string): Operation {
  const { value, path: at } = member(body, 'operationType', path);
  if (typeof value !== 'string' || value === '') throw invalid(at, 'must be a non-empty string');
  const name = traitOperation(value);
  const found = operations.find((operation) => operation === name);
  if (found === undefined)
    throw unsupported(`${at} must be one of ${operations.join(', ')}, TRAIT_ADD, TRAIT_UPDATE, TRAIT_DELETE`);
  return found;
}

/** The keys `entity` and `relationship` may both be there with one null: the operation says which one counts. */
function subjectOf(operation: Operation, body: JsonObject, path: string): Field {
  return member(body, operation.startsWith('RELATIONSHIP_') ? 'relationship' : 'entity', path);
}

/** @throws HubError invalid-message, unsupported-message */
export function readNotification(envelope: Pick<Envelope, 'body' | 'path'>): Notification {
  const { path } = envelope;
  const body = asObject({ value: envelope.body, path: path === '' ? 'the message' : path });
  const version = versionOf(body, path);
  const operation = operationOf(body, path);
  const found = subjectOf(operation, body, path);
  const subject = { value: asObject(found), path: found.path };
  return { version, operation, body, path, subject, timeMs: epochMs(member(body, 'eventTime', path)) };
}
