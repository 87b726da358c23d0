import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import type { ErrorCode } from '../../channels/protocol/error-code.ts';
import { getToken, type TokenSource } from '../connection/token-source.ts';
import { HubClientError } from '../hub-client-error.ts';
import type { HubAnswer, HubMethod, HubRequestOptions } from './rest.ts';

/** Sends one request. @throws HubClientError */
export type SendRequest = (method: HubMethod, path: string, options?: HubRequestOptions) => Promise<HubAnswer>;

/** @param url address of the hub; its path is kept */
export function createSendRequest(url: URL, source: TokenSource): SendRequest {
  const base = url.href.replace(/^ws/u, 'http').replace(/\/*$/u, '');
  let token: string | undefined;
  return async (method, path, options = {}) => {
    const target = new URL(base + path);
    for (const [name, value] of Object.entries(options.query ?? {}))
      if (value !== undefined) target.searchParams.set(name, String(value));
    for (let attempt = 1; ; attempt += 1) {
      const isKept = token !== undefined;
      token ??= await getToken(source);
      const response = await ask(target, method, token, options);
      const body = await bodyOf(response);
      if (response.ok) return { status: response.status, body, etag: response.headers.get('etag') ?? undefined };
      if (response.status === 401) token = undefined;
      // the one that was kept may have expired
      if (response.status !== 401 || !isKept || attempt > 1) throw errorOf(response.status, body);
    }
  };
}

async function ask(target: URL, method: HubMethod, token: string, options: HubRequestOptions): Promise<Response> {
  const { body, contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' } = options;
  const { ifMatch, idempotencyKey, signal } = options;
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body && { 'content-type': contentType }),
    ...(ifMatch && { 'if-match': ifMatch }),
    ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
  };
  try {
    return await fetch(target, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (cause) {
    throw new HubClientError('unreachable', 'the hub does not answer', { retryable: true, cause });
  }
}

async function bodyOf(response: Response): Promise<JsonObject> {
  try {
    const body: unknown = JSON.parse((await response.text()) || '{}');
    if (isJsonObject(body)) return body;
  } catch {
    // reported below, like JSON that is not an object
  }
  throw new HubClientError('unreachable', `the answer with status ${response.status} is not that of a hub`, {
    retryable: true,
  });
}

/** The problem details of an answer as an error. */
function errorOf(status: number, { code, detail, retryable, retryAfterMs, details }: JsonObject): HubClientError {
  const known = typeof code === 'string' ? (code as ErrorCode) : 'internal';
  const message = typeof detail === 'string' ? detail : `status ${status}`;
  return new HubClientError(known, message, {
    retryable: retryable === true,
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
    ...(isJsonObject(details) && { details }),
  });
}
