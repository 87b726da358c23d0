import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { invalid, unsupported } from '../faults.ts';
import { asBoolean, asId, asInteger, asObject, asOneOf, isAbsent, member, optional } from '../fields.ts';
import { formatLimits } from '../limits.ts';
import { epochMs } from '../time.ts';

/** What surrounds a notification. A legacy message has no envelope and is its own body. */
export interface Envelope {
  readonly body: JsonValue | undefined;
  /** Where the body stands: `message`, or '' in a legacy message. */
  readonly path: string;
  readonly compression: 'NONE' | 'GZIP';
  readonly split: { readonly messageId: string; readonly index: number; readonly count: number } | undefined;
  readonly createdMs: number | undefined;
  readonly spooled: boolean;
}

/** Parts without trailing zeros: 1.0.0 and 1 are the same version. */
function versionParts(version: JsonObject): readonly number[] {
  const { value, path } = member(version, 'version', 'version');
  const text = value ?? (Array.isArray(version['versionParts']) ? version['versionParts'].join('.') : undefined);
  if (typeof text !== 'string' || !/^\d{1,9}(\.\d{1,9}){0,9}$/.test(text))
    throw invalid(path, 'must be a version such as 1.0.0');
  const parts = text.split('.').map(Number);
  return parts.slice(0, parts.findLastIndex((part) => part !== 0) + 1);
}

/** @throws HubError unsupported-message for anything newer than 1.0.0 */
function assertVersion(version: JsonObject): void {
  const [major = 0, ...rest] = versionParts(version);
  if (major > 1 || (major === 1 && rest.length > 0))
    throw unsupported('version.version is newer than 1.0.0, the newest that is read');
}

/** Unsplit messages say 1 of 1; the parts of a split one are counted from 0. */
function splitOf(object: JsonObject): Envelope['split'] {
  const count =
    optional(member(object, 'msgSplitCount', ''), (field) => asInteger(field, 0, Number.MAX_SAFE_INTEGER)) ?? 1;
  if (count <= 1) return undefined;
  asInteger(member(object, 'msgSplitCount', ''), 2, formatLimits.maxParts);
  return {
    messageId: asId(member(object, 'msgId', '')),
    index: asInteger(member(object, 'msgSplitIdx', ''), 0, count - 1),
    count,
  };
}

function compressionOf(object: JsonObject): Envelope['compression'] {
  const kind = member(object, 'msgCompressionKind', '');
  if (isAbsent(kind)) return 'NONE';
  if (typeof kind.value === 'string' && !['NONE', 'GZIP'].includes(kind.value))
    throw unsupported('msgCompressionKind must be NONE or GZIP');
  return asOneOf(kind, ['NONE', 'GZIP']);
}

/** @throws HubError invalid-message, unsupported-message */
export function readEnvelope(value: JsonValue): Envelope {
  const object = asObject({ value, path: 'the message' });
  const version = member(object, 'version', '');
  if (isAbsent(version)) {
    return { body: object, path: '', compression: 'NONE', split: undefined, createdMs: undefined, spooled: false };
  }
  assertVersion(asObject(version));
  return {
    body: member(object, 'message', '').value,
    path: 'message',
    compression: compressionOf(object),
    split: splitOf(object),
    createdMs: epochMs(member(object, 'msgCreationTime', '')),
    spooled: optional(member(object, 'spooled', ''), asBoolean) ?? false,
  };
}
