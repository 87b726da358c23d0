import type { NativeMessage } from '../../../channels/ports/connector-source.ts';
import { invalid } from '../faults.ts';
import { contentTypeOf } from '../media-type.ts';
import { readAttributes } from './attributes.ts';
import type { CloudEvent } from './cloud-event.ts';
import { bytesData } from './event-data.ts';

export type HeaderPrefix = 'ce_' | 'ce-';

const beyondAscii = /[^\t\u0020-\u007e]/;

/**
 * HTTP headers hold ASCII: a quoted string is unquoted, then percent-encoded UTF-8 is decoded, once. Other characters
 * have been read in some way or other by whatever they came through.
 */
function decodeHttpValue(value: string, path: string): string {
  if (beyondAscii.test(value)) throw invalid(path, 'must be percent-encoded UTF-8: it contains non-ASCII characters');
  const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  const text = quoted ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value;
  try {
    return text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (encoded) => decodeURIComponent(encoded));
  } catch (cause) {
    throw invalid(path, 'must be percent-encoded UTF-8', cause);
  }
}

export function hasEventHeaders(headers: NativeMessage['headers'], prefix: HeaderPrefix): boolean {
  return Object.keys(headers).some((name) => name.startsWith(prefix));
}

/**
 * An event whose attributes are headers and whose data is the whole value. Only HTTP encodes header values.
 * @throws HubError invalid-message, invalid-json, unsupported-message, limit-exceeded
 */
export function readBinary({ value, headers }: NativeMessage, prefix: HeaderPrefix): CloudEvent {
  const pathOf = (name: string): string => `header ${prefix}${name}`;
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, text]) => {
      const attribute = name.slice(prefix.length);
      return [attribute, prefix === 'ce-' ? decodeHttpValue(text, pathOf(attribute)) : text] as const;
    });
  // the content type of the transport is that of the data; some senders put it where the other attributes are
  const { datacontenttype, ...event } = readAttributes(Object.fromEntries(attributes), pathOf);
  const given = contentTypeOf(headers);
  // a header without value says nothing
  const contentType = given === undefined || given.trim() === '' ? datacontenttype : given;
  return {
    ...event,
    ...(contentType === undefined ? {} : { datacontenttype: contentType.slice(0, 256) }),
    data: value === null ? { kind: 'none' } : bytesData(value, contentType),
    tombstone: value === null,
  };
}
