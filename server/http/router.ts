import { type Principal, principalKey } from '../../channels/policy/principal.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { TokenVerifier } from '../security/token-verifier.ts';
import { errorResponse } from '../transport/error-response.ts';
import { RequestSlots } from './request-slots.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../transport/http.ts';

/** An answer has some MiB at most. */
const requestsAtOnce = { perPrincipal: 8, perNode: 256 };

export interface RouteRequest {
  readonly http: HttpRequest;
  /** Decoded `:name` parts of the path, and a `*name` at its end as it was written, with what slashes it has. */
  readonly params: Readonly<Record<string, string>>;
  /** Who asks. @throws HubError unauthenticated, token-expired */
  readonly principal: () => Promise<Principal>;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** `/v1/things/:id`, or `/v1/things/*id` where an id may hold slashes. */
  readonly path: string;
  readonly handle: (request: RouteRequest) => HttpResponse | Promise<HttpResponse>;
}

export function json(body: unknown, status = 200): HttpResponse {
  return jsonText(JSON.stringify(body), status);
}

/** The same with a ready-made text. */
export function jsonText(body: string, status = 200): HttpResponse {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  return { status, headers, body };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  const params: Record<string, string> = {};
  const rest = wanted.at(-1)?.startsWith('*') === true ? wanted.length - 1 : undefined;
  if (rest === undefined ? wanted.length !== given.length : wanted.length > given.length) return undefined;
  for (const [index, part] of wanted.entries()) {
    if (index === rest) {
      const text = given.slice(index).join('/');
      if (text === '') return undefined;
      params[part.slice(1)] = text;
      continue;
    }
    const actual = given[index] ?? '';
    if (part.startsWith(':') && actual !== '') params[part.slice(1)] = decoded(actual);
    else if (part !== actual) return undefined;
  }
  return params;
}

function bearer(http: HttpRequest): string {
  const match = /^Bearer ([^\s]+)$/i.exec(http.headers['authorization'] ?? '');
  if (match?.[1] === undefined)
    throw new HubError('unauthenticated', 'authorization: send "Authorization: Bearer <token>"');
  return match[1];
}

/** One handler of many routes. Never throws: a HubError becomes its status and code, anything else `internal`. */
export function createRouter(options: {
  readonly routes: readonly Route[];
  readonly verify: TokenVerifier;
  readonly onError: (error: HubError, http: HttpRequest) => void;
}): HttpHandler {
  const slots = new RequestSlots(requestsAtOnce);
  const find = (http: HttpRequest): { readonly route: Route; readonly params: Readonly<Record<string, string>> } => {
    const candidates = options.routes.flatMap((route) => {
      const params = matchPath(route.path, http.path);
      return params === undefined ? [] : [{ route, params }];
    });
    const method = http.method === 'HEAD' ? 'GET' : http.method;
    const found = candidates.find(({ route }) => route.method === method);
    if (found !== undefined) return found;
    if (candidates.length > 0) {
      const allow = [...new Set(candidates.map(({ route }) => route.method))].join(', ');
      throw new HubError('method-not-allowed', `${http.path}: use ${allow}`, { publicDetails: { allow } });
    }
    throw new HubError('not-found', 'no such route');
  };
  return async (http) => {
    let release: (() => void) | undefined;
    const principal = async (): Promise<Principal> => {
      const found = await options.verify(bearer(http));
      release ??= slots.take(principalKey(found));
      return found;
    };
    const answer = async (): Promise<HttpResponse> => {
      try {
        const { route, params } = find(http);
        return await route.handle({ http, params, principal });
      } catch (thrown) {
        const error = HubError.from(thrown);
        options.onError(error, http);
        return errorResponse(error);
      }
    };
    const response = await answer();
    return release === undefined ? response : { ...response, onTaken: release };
  };
}

/** A whole number from the query. @throws HubError invalid-request */
export function numberParam(http: HttpRequest, name: string, fallback: number, max: number): number {
  const raw = http.query.get(name);
  if (raw === null) return fallback;
  const value = Number(raw);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new HubError('invalid-request', `${name}: must be a whole number from 1 to ${max}`);
  return value;
}
