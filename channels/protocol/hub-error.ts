import { type ErrorCode, errorCodes } from './error-code.ts';

/** Extra details of an error, by audience. */
export interface HubErrorDetails {
  /** Sent to the caller as `details`. Never put data of others here. */
  readonly publicDetails?: Readonly<Record<string, unknown>>;
  /** Written to the log only. */
  readonly logDetails?: Readonly<Record<string, unknown>>;
  /** The message with details for operators only, such as hosts and paths: for the log and the console of the process. */
  readonly operatorMessage?: string;
  /** How long the caller should wait before it retries, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** An error on the wire: in acks, HTTP bodies, connect errors. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error class of the hub. Every failure that a caller or an operator can act on is a
 * HubError with a code from the closed list; anything else is a bug and is reported as `internal`.
 */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly publicDetails: Readonly<Record<string, unknown>> | undefined;
  readonly logDetails: Readonly<Record<string, unknown>> | undefined;
  readonly operatorMessage: string | undefined;

  constructor(code: ErrorCode, message: string, details: HubErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = errorCodes[code].retryable;
    this.retryAfterMs = details.retryAfterMs;
    this.publicDetails = details.publicDetails;
    this.logDetails = details.logDetails;
    this.operatorMessage = details.operatorMessage;
  }

  /** The HTTP status of the code. */
  get status(): number {
    return errorCodes[this.code].status;
  }

  /** Any thrown value as a HubError: itself, or `internal` with the value as cause, not in the message. */
  static from(thrown: unknown): HubError {
    return thrown instanceof HubError ? thrown : new HubError('internal', 'internal fault', { cause: thrown });
  }

  toWire(): WireError {
    return {
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(this.publicDetails === undefined ? {} : { details: this.publicDetails }),
    };
  }
}
