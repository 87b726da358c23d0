import type { NativeMessage } from '../../channels/ports/connector-source.ts';
import type { ErrorCode } from '../../channels/protocol/error-code.ts';

/** A message that must become a dead letter, and the code that says why. Made for a Kafka transport. */
export interface MalformedMessage {
  readonly name: string;
  readonly format: 'atlas' | 'cloudevents';
  readonly message: NativeMessage;
  readonly code: ErrorCode;
  /** What the error must name. */
  readonly names: string;
}
