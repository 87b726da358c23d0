import { type JsonObject, type JsonValue, isJsonObject } from '../../../channels/event/json.ts';
import { withMembers } from '../../../channels/event/with-members.ts';
import { decodeBase64 } from '../gunzip.ts';
import { invalid } from '../faults.ts';
import { asText, isAbsent, member } from '../fields.ts';
import { formatLimits } from '../limits.ts';
import { readAttributes } from './attributes.ts';
import type { CloudEvent, EventData } from './cloud-event.ts';
import { bytesData } from './event-data.ts';

function dataOf(event: JsonObject, contentType: string | undefined): EventData {
  const { value } = member(event, 'data', '');
  const hasData = value !== undefined && value !== null;
  const base64 = member(event, 'data_base64', '');
  if (isAbsent(base64)) return hasData ? { kind: 'json', value } : { kind: 'none' };
  if (hasData) throw invalid('data_base64', 'must not be present together with data');
  return bytesData(decodeBase64(asText(base64, formatLimits.maxMessageBytes), 'data_base64'), contentType);
}

/** An event in the JSON event format. @throws HubError invalid-message, invalid-json, unsupported-message, limit-exceeded */
export function readStructured(value: JsonValue): CloudEvent {
  if (!isJsonObject(value)) throw invalid('the event', 'must be an object');
  const event = readAttributes(
    value,
    (name) => name,
    (name) => name !== 'data' && name !== 'data_base64',
  );
  return withMembers(event, { data: dataOf(value, event.datacontenttype), tombstone: false });
}
