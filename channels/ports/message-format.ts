import type { ZodObject } from 'zod';
import type { Change } from '../catalog/change.ts';
import type { Origin } from '../event/hub-event.ts';
import type { NativeMessage } from './connector-source.ts';

/** What a format needs to know of the connector that uses it. */
export interface ConnectorProfile {
  readonly id: string;
  readonly tenant: string;
  /** Prefix of every urn the connector makes, e.g. `urn:gov:atlas:prod`. */
  readonly namespace: string;
  /** Further urn prefixes it may write. */
  readonly writes: readonly string[];
  /** Classification scheme given to tags of sources that have no scheme of their own. */
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
 * `changes`: may be empty (a message that is understood and says nothing). `part`: not yet a message.
 * Anything else is a thrown HubError, and the message becomes a dead letter.
 */
export type Normalised =
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
  | { readonly kind: 'part'; readonly part: MessagePart };

/**
 * A native format: bytes in, changes out. Pure: no state, no I/O, the same bytes always give the same changes, so that
 * a message read twice is recognised.
 */
export interface MessageFormat {
  readonly name: string;
  /** Messages have ids that their source gives once; the same id again is the same message, on a topic too. */
  readonly identifies: boolean;
  /** @throws HubError invalid-json, invalid-message, unsupported-message, message-too-large, outside-namespace, limit-exceeded */
  normalise(message: NativeMessage, origin: Origin, profile: ConnectorProfile): Normalised;
  /**
   * Messages of one HTTP body, by its content type, with the time of the call. They keep only headers that belong to the
   * message. @throws HubError unsupported-media-type, invalid-json, invalid-message, message-too-large
   */
  split(body: Uint8Array, headers: Readonly<Record<string, string>>): readonly NativeMessage[];
  /**
   * A whole catalog as a file; undefined where the format has no such files. Batches come in the order of the file and
   * are never empty; those before a fault have been given out. @throws HubError invalid-message, naming the line
   */
  readBaseline?(chunks: AsyncIterable<string>, profile: ConnectorProfile): AsyncIterable<readonly Change[]>;
}

/**
 * What a format says of itself, so that connectors can be configured with it and nobody else has to know it. Small: the
 * code that reads messages is loaded when a connector needs it.
 */
export interface NativeFormat {
  /** As connectors name it. */
  readonly name: string;
  /** Members of a connector in the configuration file that only this format has. */
  readonly options: ZodObject;
  /** `configured`: a connector's members, of which `options` takes its own. */
  create(configured: unknown): Promise<MessageFormat>;
}
