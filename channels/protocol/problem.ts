import { type ErrorCode, errorCodes } from './error-code.ts';
import type { HubError } from './hub-error.ts';

/** Where the page about an error code is served. */
export const problemPath = '/v1/errors/';
/** Content type of such a body. */
export const problemMediaType = 'application/problem+json';

/** An error as the body of an HTTP answer: problem details of RFC 9457, with members of the hub. */
export interface Problem {
  /** Path of the page about the code. */
  readonly type: string;
  /** What the code means; the same for each error with this code. */
  readonly title: string;
  readonly status: number;
  /** What is wrong with this request: the field, and what to do. */
  readonly detail: string;
  readonly code: ErrorCode;
  /** The same request may succeed later without being changed. */
  readonly retryable: boolean;
  /** How long to wait first, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The body for an error. */
export function problemOf(error: HubError): Problem {
  const { code, message: detail, ...rest } = error.toWire();
  return {
    type: `${problemPath}${code}`,
    title: errorCodes[code].meaning,
    status: error.status,
    detail,
    code,
    ...rest,
  };
}
