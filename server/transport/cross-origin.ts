import type { HttpResponse } from './http.ts';

/** The headers by which a browser lets a page of this origin have an answer, and caches keep it from others. */
export function allowing(origin: string): Readonly<Record<string, string>> {
  return { 'access-control-allow-origin': origin, vary: 'origin' };
}

/** Beside the few that every page may read: when it may ask again, and what it has to send back. */
const readable = 'retry-after, ratelimit, ratelimit-policy, etag, location, idempotency-replayed';

/** An answer that a page of this origin may read, with the headers that it needs. */
export function readableFrom<Response extends HttpResponse>(origin: string, response: Response): Response {
  const varies = [response.headers?.['vary'], 'origin'].filter((each) => each !== undefined).join(', ');
  const headers = {
    ...response.headers,
    ...allowing(origin),
    vary: varies,
    'access-control-expose-headers': readable,
  };
  return { ...response, headers };
}
