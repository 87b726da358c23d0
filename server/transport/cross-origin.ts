import type { HttpResponse } from './http.ts';

/** The headers by which a browser lets a page of this origin have an answer, and caches keep it from others. */
export function allowing(origin: string): Readonly<Record<string, string>> {
  return { 'access-control-allow-origin': origin, vary: 'origin' };
}

/** An answer that a page of this origin may read, with the time after which it may ask again. */
export function readableFrom<Response extends HttpResponse>(origin: string, response: Response): Response {
  const headers = { ...response.headers, ...allowing(origin), 'access-control-expose-headers': 'retry-after' };
  return { ...response, headers };
}
