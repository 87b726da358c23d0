import type { z } from 'zod';
import type { HttpResponse } from '../transport/http.ts';
import type { AnswerContract } from './contract.ts';

/** How what a handler gives becomes an HTTP answer, and what clients are told of it. */
export interface Answer<Value> {
  readonly of: (value: Value) => HttpResponse;
  /** Of success; at least one. */
  readonly contract: readonly AnswerContract[];
}

/** A ready-made JSON text. */
export function jsonTextOf(body: string, status = 200): HttpResponse {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  return { status, headers, body };
}

export function jsonOf(body: object, status = 200): HttpResponse {
  return jsonTextOf(JSON.stringify(body), status);
}

/** The contract of an answer in JSON. */
export function jsonAnswer(
  schema: z.ZodType,
  { status = 200, about = 'OK', ...rest }: Partial<Omit<AnswerContract, 'content'>> = {},
): AnswerContract {
  return { status, about, content: { 'application/json': { schema } }, ...rest };
}

export function json(schema: z.ZodType): Answer<object> {
  return { of: (body) => jsonOf(body), contract: [jsonAnswer(schema)] };
}

/** 201: the request has created what the answer describes. */
export function createdJson(schema: z.ZodType): Answer<object> {
  return { of: (body) => jsonOf(body, 201), contract: [jsonAnswer(schema, { status: 201, about: 'Created' })] };
}

/** For what is put together as text because it is large. */
export function jsonText(schema: z.ZodType): Answer<string> {
  return { of: (body) => jsonTextOf(body), contract: [jsonAnswer(schema)] };
}

/** The handler gives status, headers and body itself: bytes, streams, or a status that depends on what it found. */
export function ownResponse(...contract: readonly AnswerContract[]): Answer<HttpResponse> {
  return { of: (response) => response, contract };
}
