import type { HttpResponse } from '../transport/http.ts';

/** How what a handler gives becomes an HTTP answer. */
export interface Answer<Value> {
  readonly of: (value: Value) => HttpResponse;
}

/** A ready-made JSON text. */
export function jsonTextOf(body: string, status = 200): HttpResponse {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  return { status, headers, body };
}

export function jsonOf(body: object, status = 200): HttpResponse {
  return jsonTextOf(JSON.stringify(body), status);
}

export const json: Answer<object> = { of: (body) => jsonOf(body) };
/** 201: the request has created what the answer describes. */
export const createdJson: Answer<object> = { of: (body) => jsonOf(body, 201) };
/** For what is put together as text because it is large. */
export const jsonText: Answer<string> = { of: (body) => jsonTextOf(body) };
/** The handler gives status, headers and body itself: bytes, streams, or a status that depends on what it found. */
export const ownResponse: Answer<HttpResponse> = { of: (response) => response };
