import { HubError } from '../../channels/protocol/hub-error.ts';

/** A native message that is not of its format: names the field and what it must be. */
export function invalid(path: string, expectation: string, cause?: unknown): HubError {
  return new HubError('invalid-message', `${path} ${expectation}`, cause === undefined ? {} : { cause });
}

/** Well-formed, but of a version or type that is not ingested. */
export function unsupported(message: string): HubError {
  return new HubError('unsupported-message', message);
}

/** A single field is longer than what a document may hold. */
export function exceeded(path: string, limit: string): HubError {
  return new HubError('limit-exceeded', `${path} must have at most ${limit}`);
}

/** The message as a whole is too large. */
export function tooLarge(subject: string, maxBytes: number): HubError {
  return new HubError('message-too-large', `${subject} must have at most ${maxBytes} bytes`);
}
