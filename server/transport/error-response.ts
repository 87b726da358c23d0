import type { HubError } from '../../channels/protocol/hub-error.ts';
import type { HttpResponse } from './http.ts';

/** An answer whose body is a text. */
export interface TextResponse extends HttpResponse {
  readonly body: string;
}

/** An error in the form that every HTTP answer of the hub has: `{"error": {...}}`, with `retry-after` where a time is known. */
export function errorResponse(error: HubError): TextResponse {
  const { retryAfterMs, status } = error;
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
      ...(error.code === 'method-not-allowed' ? { allow: String(error.publicDetails?.['allow']) } : {}),
    },
    body: JSON.stringify({ error: error.toWire() }),
  };
}
