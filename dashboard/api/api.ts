import type { JsonObject, JsonValue } from '@pursight/client';

/** An answer of the hub that is an error: problem details, or none where nobody answered. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 0: nobody answered. */
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export type Json = JsonValue;
export type JsonRecord = JsonObject;

export interface Answer {
  readonly body: JsonRecord;
  readonly etag: string | undefined;
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly body?: object;
  /** @default application/json */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Sends a request to the hub. @throws ApiError */
export type Send = (path: string, options?: RequestOptions) => Promise<Answer>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function recordsOf(value: Json | undefined): readonly JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function recordOf(value: Json | undefined): JsonRecord {
  return isRecord(value) ? value : {};
}

/**
 * @param base address of the hub, with a slash at its end
 * @param token the bearer token for each request; undefined sends none
 */
export function createSend(base: URL, token: () => Promise<string | undefined>): Send {
  return async (path, { method = 'GET', body, contentType = 'application/json', headers = {}, signal } = {}) => {
    const bearer = await token();
    const init: RequestInit = {
      method,
      headers: {
        ...headers,
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        'content-type': contentType,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    };
    const response = await fetch(new URL(path, base), init).catch((error: unknown) => {
      throw new ApiError(0, 'unreachable', `the hub does not answer (${String(error)})`);
    });
    const text = await response.text();
    const parsed = text === '' ? {} : parse(text, response.status);
    if (!response.ok)
      throw new ApiError(
        response.status,
        textOf(parsed['code']) || 'internal',
        textOf(parsed['detail']) || `status ${response.status}`,
      );
    return { body: parsed, etag: response.headers.get('etag') ?? undefined };
  };
}

function parse(text: string, status: number): JsonRecord {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // reported like any other answer that is not the hub's
  }
  throw new ApiError(status, 'internal', `the answer with status ${status} is not the hub's`);
}
