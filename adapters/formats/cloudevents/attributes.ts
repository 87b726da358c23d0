import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import { invalid, unsupported } from '../faults.ts';
import { asInteger, asName, type Field, optional, withDefined } from '../fields.ts';
import { asTime } from '../time.ts';
import type { CloudEvent } from './cloud-event.ts';
import { extensionsOf, type PathOf, setAttributes } from './extensions.ts';

const maxLength = 2048;

function assertVersion({ value, path }: Field): void {
  if (typeof value !== 'string' || value === '') throw invalid(path, 'must be a non-empty string');
  if (value !== '1.0') throw unsupported(`${path} must be 1.0, the version of CloudEvents that is read`);
}

function severity(field: Field): number {
  // binary mode has only text
  const value = typeof field.value === 'string' && /^\d{1,4}$/.test(field.value) ? Number(field.value) : field.value;
  return asInteger({ value, path: field.path }, 1, 24);
}

/**
 * `isAttribute`: what else the object holds is not looked at.
 * @throws HubError invalid-message, unsupported-message, limit-exceeded
 */
export function readAttributes(
  event: JsonObject,
  pathOf: PathOf,
  isAttribute: (name: string) => boolean = () => true,
): Omit<CloudEvent, 'data' | 'tombstone'> {
  const attributes = setAttributes(event, pathOf, isAttribute);
  const at = (name: string): Field => ({
    value: Object.hasOwn(attributes, name) ? attributes[name] : undefined,
    path: pathOf(name),
  });
  const text = (field: Field): string => asName(field, maxLength);
  const short = (field: Field): string => asName(field, documentLimits.idLength);
  assertVersion(at('specversion'));
  const required = { id: text(at('id')), source: text(at('source')), type: asName(at('type')), attributes };
  return withDefined(required, {
    subject: optional(at('subject'), text),
    time: optional(at('time'), asTime),
    datacontenttype: optional(at('datacontenttype'), short),
    authid: optional(at('authid'), short),
    authtype: optional(at('authtype'), short),
    correlationid: optional(at('correlationid'), short),
    causationid: optional(at('causationid'), short),
    severitynumber: optional(at('severitynumber'), severity),
    extensions: extensionsOf(attributes),
  });
}
