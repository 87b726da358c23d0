import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';

/** What an event carries, by how it came: only JSON can be mapped, the rest is kept. */
export type EventData =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: JsonValue }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** A CloudEvents 1.0 event, whatever mode it came in. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339 UTC with milliseconds. */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly authid?: string;
  readonly authtype?: string;
  readonly correlationid?: string;
  readonly causationid?: string;
  readonly severitynumber?: number;
  /** All that is set, as the sender has it. */
  readonly attributes: JsonObject;
  /** Those of `attributes` that have no meaning to the hub. */
  readonly extensions?: JsonObject;
  readonly data: EventData;
  /** Kafka deleted the record of this key. */
  readonly tombstone: boolean;
}
