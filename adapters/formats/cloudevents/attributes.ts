import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { exceeded, invalid, unsupported } from '../faults.ts';
import { asInteger, asName, defined, type Field, member, optional } from '../fields.ts';
import { asTime } from '../time.ts';
import type { CloudEvent } from './cloud-event.ts';

const maxAttributes = 100;
const maxLength = 2048;

/** Where an attribute stood, in the sender's words: `subject`, `ce_subject`, `ce-subject`. */
export type PathOf = (name: string) => string;

/** Attributes without those that are null, which means not set. @throws HubError invalid-message, limit-exceeded */
function assertAttributes(attributes: JsonObject, pathOf: PathOf): JsonObject {
  const set = Object.entries(attributes).filter(([, value]) => value !== null);
  if (set.length > maxAttributes) throw exceeded('the event', `${maxAttributes} attributes`);
  for (const [name, value] of set) assertAttribute(name, value, pathOf);
  return Object.fromEntries(set);
}

function assertAttribute(name: string, value: JsonValue, pathOf: PathOf): void {
  const path = pathOf(name.slice(0, 100));
  if (!/^[a-z0-9]+$/.test(name)) throw invalid(path, 'is not an attribute name: only a-z and 0-9 are allowed');
  if (typeof value === 'object') throw invalid(path, 'must be a string, a number or a boolean');
  if (typeof value === 'string' && value.length > maxLength * 4) throw exceeded(path, `${maxLength * 4} characters`);
}

function assertVersion({ value, path }: Field): void {
  if (typeof value !== 'string' || value === '') throw invalid(path, 'must be a non-empty string');
  if (value !== '1.0') throw unsupported(`${path} must be 1.0, the version of CloudEvents that is read`);
}

function severity(field: Field): number {
  // binary mode has only text
  const value = typeof field.value === 'string' && /^\d{1,4}$/.test(field.value) ? Number(field.value) : field.value;
  return asInteger({ value, path: field.path }, 1, 24);
}

/** @throws HubError invalid-message, unsupported-message, limit-exceeded */
export function readAttributes(raw: JsonObject, pathOf: PathOf): Omit<CloudEvent, 'data' | 'tombstone'> {
  const attributes = assertAttributes(raw, pathOf);
  const at = (name: string): Field => ({ ...member(attributes, name, ''), path: pathOf(name) });
  const text = (field: Field): string => asName(field, maxLength);
  const short = (field: Field): string => asName(field, documentLimits.idLength);
  assertVersion(at('specversion'));
  return {
    id: text(at('id')),
    source: text(at('source')),
    type: asName(at('type')),
    ...defined({
      subject: optional(at('subject'), text),
      time: optional(at('time'), asTime),
      datacontenttype: optional(at('datacontenttype'), short),
      authid: optional(at('authid'), short),
      authtype: optional(at('authtype'), short),
      correlationid: optional(at('correlationid'), short),
      causationid: optional(at('causationid'), short),
      severitynumber: optional(at('severitynumber'), severity),
    }),
  };
}
