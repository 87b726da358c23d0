import type { ZodObject } from 'zod';
import type { Change } from '../catalog/change.ts';
import type { Origin } from '../event/hub-event.ts';
import type { NativeMessage } from './connector-source.ts';

/** What a format needs to know of the connector that uses it. */
export interface ConnectorProfile {
  readonly id: string;
  readonly tenant: string;
  /** Prefix of every urn the connector creates, e.g. `urn:gov:atlas:prod`. */
  readonly namespace: string;
  /** Further urn prefixes it may write. */
  readonly writes: readonly string[];
  /** Classification scheme of tags whose source has none. */
  readonly scheme: string;
  /** CloudEvents `source` of the connector's events. @default `/<system>/<id>` */
  readonly source?: string;
}

/** One part of a message that its source has split. */
export interface MessagePart {
  readonly messageId: string;
  readonly index: number;
  readonly count: number;
  readonly text: string;
  /** Whole message from the texts of all parts in order. @throws HubError invalid-message, message-too-large */
  readonly join: (texts: readonly string[]) => Uint8Array;
}

/**
 * `changes`: may be empty (a valid message without effect). `part`: not yet a message.
 * Otherwise a HubError is thrown, and the message becomes a dead letter.
 */
export type Normalised =
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
  | { readonly kind: 'part'; readonly part: MessagePart };

/**
 * A native format: bytes in, changes out. Pure: no state, no I/O, the same bytes always give the same changes, so that
 * a duplicate message is recognised.
 */
export interface MessageFormat {
  readonly name: string;
  /** Messages have unique ids from their source; the same id again is a duplicate, on a topic too. */
  readonly identifies: boolean;
  /** @throws HubError invalid-json, invalid-message, unsupported-message, message-too-large, outside-namespace, limit-exceeded */
  normalise(message: NativeMessage, origin: Origin, profile: ConnectorProfile): Normalised;
  /**
   * Messages of one HTTP body, by its content type, with the time of the call. They keep only headers that belong to the
   * message. @throws HubError unsupported-media-type, invalid-json, invalid-message, message-too-large
   */
  split(body: Uint8Array, headers: Readonly<Record<string, string>>): readonly NativeMessage[];
  /**
   * A whole catalog as a file; undefined if the format has no such files. Batches come in the order of the file and
   * are never empty; those before an error have been returned. @throws HubError invalid-message, naming the line
   */
  readBaseline?(chunks: AsyncIterable<string>, profile: ConnectorProfile): AsyncIterable<readonly Change[]>;
}

/**
 * Describes a format, so that connectors can be configured with it without other code knowing it. Small: the
 * code that reads messages is loaded when a connector needs it.
 */
export interface NativeFormat {
  /** Its name in the configuration of connectors. */
  readonly name: string;
  /** Members of a connector in the configuration file that only this format has. */
  readonly options: ZodObject;
  /** `configured`: a connector's members, of which `options` takes its own. */
  create(configured: unknown): Promise<MessageFormat>;
}
