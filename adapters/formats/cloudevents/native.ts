import type { AssetPatch } from '../../../channels/catalog/change.ts';
import { asJson } from '../json-bounds.ts';
import { formatLimits } from '../limits.ts';
import type { JsonValue } from '../../../channels/event/json.ts';
import type { CloudEvent, EventData } from './cloud-event.ts';

function valueOf(data: EventData): JsonValue {
  switch (data.kind) {
    case 'none':
      return null;
    case 'json':
      return data.value;
    case 'text':
      return data.text;
    case 'bytes':
      return { base64: Buffer.from(data.bytes).toString('base64') };
  }
}

/** An event that has no mapping, kept as it came. @throws HubError invalid-message, limit-exceeded */
export function nativePatch({ type, datacontenttype, data, attributes }: CloudEvent): AssetPatch {
  const fallback = data.kind === 'bytes' ? 'application/octet-stream' : 'application/json';
  const value = asJson({ value: valueOf(data), path: 'data' }, formatLimits.maxNativeBytes);
  const { specversion: _version, type: _type, datacontenttype: _contentType, ...others } = attributes;
  return { native: { type, contentType: datacontenttype ?? fallback, data: value, attributes: others } };
}
