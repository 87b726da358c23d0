import { isJsonObject } from '../channels/event/json.ts';
import type { ErrorCode } from '../channels/protocol/error-code.ts';
import type { WireError } from '../channels/protocol/hub-error.ts';

/** Details of a {@link HubClientError}. */
export interface HubClientErrorDetails {
  /** Whether a retry can succeed later. */
  readonly retryable: boolean;
  /** How long to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Machine-readable details, e.g. the name of the invalid field. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The underlying error, if any. */
  readonly cause?: unknown;
}

/**
 * The only error that this library throws, rejects with or reports. `code` is one of the closed list in
 * docs/errors.md: use it, never the text of the message.
 */
export class HubClientError extends Error {
  /** Always `HubClientError`. */
  override readonly name = 'HubClientError';
  /** What happened, from the closed list. A newer hub may send a code that this version does not know. */
  readonly code: ErrorCode;
  /** True if a retry can succeed later. The library itself already retries connections. */
  readonly retryable: boolean;
  /** How long to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Machine-readable details, e.g. the name of the invalid field. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  /** Builds an error; applications only need this in their tests. */
  constructor(code: ErrorCode, message: string, details: HubClientErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable;
    this.retryAfterMs = details.retryAfterMs;
    this.details = details.details;
  }

  /** The error that a hub sent in an ack, an `ended` message or a refused connection. */
  static fromWire(wire: WireError): HubClientError {
    const { code, message, retryable, retryAfterMs, details } = wire;
    return new HubClientError(code, message, {
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(details === undefined ? {} : { details }),
    });
  }
}

/** True for a value in the form of an error sent by a hub. */
export function isWireError(value: unknown): value is WireError {
  if (!isJsonObject(value)) return false;
  const { code, message, retryable } = value;
  return typeof code === 'string' && typeof message === 'string' && typeof retryable === 'boolean';
}
