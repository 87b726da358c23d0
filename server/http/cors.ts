import type { HubError } from '../../channels/protocol/hub-error.ts';
import { allowing, readableFrom } from '../transport/cross-origin.ts';
import { errorResponse } from '../transport/error-response.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../transport/http.ts';

/** How long browsers cache the answer to a preflight. */
const preflightSeconds = 600;
/** Header names as a browser lists them; anything else is not repeated. */
const headerNames = /^[A-Za-z0-9 ,_-]{1,1000}$/;

function preflight(request: HttpRequest, origin: string): HttpResponse {
  const wanted = request.headers['access-control-request-headers'] ?? '';
  return {
    status: 204,
    headers: {
      ...allowing(origin),
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      ...(headerNames.test(wanted) ? { 'access-control-allow-headers': wanted } : {}),
      'access-control-max-age': String(preflightSeconds),
    },
  };
}

/**
 * Lets pages of allowed origins use the HTTP API, as they may connect: the API knows its callers by a token that a page
 * has to send itself, never by a cookie. `refusalOf` says why an origin may not.
 */
export function withCors(
  handler: HttpHandler,
  refusalOf: (origin: string | undefined) => HubError | undefined,
): HttpHandler {
  return async (request) => {
    const origin = request.headers['origin'];
    if (origin === undefined) return handler(request);
    const refusal = refusalOf(origin);
    const isPreflight = request.method === 'OPTIONS' && 'access-control-request-method' in request.headers;
    if (isPreflight) return refusal === undefined ? preflight(request, origin) : errorResponse(refusal);
    const response = await handler(request);
    return refusal === undefined ? readableFrom(origin, response) : response;
  };
}
