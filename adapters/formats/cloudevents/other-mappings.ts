import type { AlertPatch, DefinitionPatch } from '../../../channels/catalog/change.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import {
  asBoolean,
  asId,
  asInteger,
  asList,
  asName,
  asOneOf,
  asText,
  assertKnown,
  defined,
  type Field,
  member,
  nullable,
  optional,
} from '../fields.ts';
import { asProperties } from '../json-bounds.ts';
import { messageIdOf } from '../message-id.ts';
import { ownDefinitionUrn, referenceUrn, urnIn } from '../urn.ts';
import { readScheme } from './classification-change.ts';

type At = (key: string) => Field;

function reader(data: JsonObject, known: readonly string[]): At {
  assertKnown(data, known, 'data');
  return (key) => member(data, key, 'data');
}

/** @throws HubError invalid-message, limit-exceeded */
export function readAlertPatch(
  data: JsonObject,
  profile: ConnectorProfile,
  severitynumber: number | undefined,
): AlertPatch {
  const at = reader(data, ['subject', 'status', 'severity', 'message', 'assignees', 'reason', 'name']);
  return {
    type: 'incident',
    ...defined({
      name: optional(at('name'), (field) => asName(field)),
      subject: optional(at('subject'), (field) => referenceUrn(profile, asName(field), field.path)),
      severity: optional(at('severity'), (field) => asInteger(field, 1, 24)) ?? severitynumber,
      message: optional(at('message'), (field) => asText(field)),
      assignees: optional(at('assignees'), (field) => asList(field, documentLimits.assignees).map(asId)),
      reason: nullable(at('reason'), (field) => asText(field)),
      status: optional(at('status'), (field) => asOneOf(field, ['open', 'acknowledged', 'assigned', 'resolved'])),
    }),
  };
}

export interface Edge {
  readonly urn: string;
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly properties?: JsonObject;
  readonly deleted: boolean;
}

/**
 * An edge is its type and its two ends, so the one who removes it needs no id. @param fallbackType when none is given;
 * undefined: one must be given. @throws HubError invalid-message, limit-exceeded
 */
export function readEdge(data: JsonObject, profile: ConnectorProfile, fallbackType: string | undefined): Edge {
  const at = reader(data, ['from', 'to', 'type', 'deleted', 'properties']);
  const end = (key: string): string => referenceUrn(profile, asName(at(key)), at(key).path);
  const type = fallbackType === undefined ? asId(at('type')) : (optional(at('type'), asId) ?? fallbackType);
  const [from, to] = [end('from'), end('to')];
  return {
    urn: urnIn(profile, `relationship:${messageIdOf([type, from, to])}`, 'the relationship'),
    from,
    to,
    type,
    deleted: optional(at('deleted'), asBoolean) ?? false,
    ...defined({ properties: optional(at('properties'), asProperties) }),
  };
}

/** @throws HubError invalid-message, limit-exceeded */
export function readDefinition(
  data: JsonObject,
  profile: ConnectorProfile,
): { readonly urn: string; readonly patch: DefinitionPatch } {
  const at = reader(data, ['scheme', 'name', 'parents', 'level', 'description']);
  const scheme = readScheme(at('scheme'), profile);
  const name = asId(at('name'));
  const patch = {
    scheme,
    name,
    ...defined({
      parents: optional(at('parents'), (field) => asList(field, documentLimits.parents).map(asId)),
      level: nullable(at('level'), (field) => asInteger(field, 0, 1000)),
      description: nullable(at('description'), (field) => asText(field)),
    }),
  };
  return { urn: ownDefinitionUrn(profile, scheme, name, 'data.name'), patch };
}
