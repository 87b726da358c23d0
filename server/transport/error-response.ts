import type { HubError } from '../../channels/protocol/hub-error.ts';
import { problemMediaType, problemOf } from '../../channels/protocol/problem.ts';
import type { HttpResponse } from './http.ts';

/** An answer whose body is a text. */
export interface TextResponse extends HttpResponse {
  readonly body: string;
}

/** Said by refusals that pass and know no time of their own. */
const usualRetryAfterMs = 1000;

/** Whoever gets one of these should come back, and not at once. */
function waitOf({ status, retryAfterMs }: HubError): number | undefined {
  return retryAfterMs ?? (status === 429 || status === 503 ? usualRetryAfterMs : undefined);
}

/**
 * An error in the form that every HTTP answer of the hub has: problem details (RFC 9457), with `retry-after` where a time
 * is known, and on each 429 and 503. `more` are further members of the body.
 */
export function errorResponse(error: HubError, more: object = {}): TextResponse {
  const { status } = error;
  const retryAfterMs = waitOf(error);
  return {
    status,
    headers: {
      'content-type': problemMediaType,
      'cache-control': 'no-store',
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
      ...(error.code === 'method-not-allowed' ? { allow: String(error.publicDetails?.['allow']) } : {}),
    },
    body: JSON.stringify({ ...problemOf(error), ...more }),
  };
}
