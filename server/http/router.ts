import { type Principal, principalKey } from '../../channels/policy/principal.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import { errorResponse } from '../transport/error-response.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../transport/http.ts';
import { limitHeaders, type RequestBudget } from './limit-headers.ts';
import { matchPath } from './match-path.ts';
import { RequestSlots } from './request-slots.ts';
import type { Call, Route, SignedInAccess } from './route.ts';

/** An answer has some MiB at most. */
const requestsAtOnce = { perPrincipal: 8, perNode: 256 };

export interface RouterOptions {
  readonly routes: readonly Route[];
  readonly verify: TokenVerifier;
  readonly policy: Pick<CurrentPolicy, 'assertMay'>;
  readonly onError: (error: HubError, http: HttpRequest) => void;
}

/** The token of a request. @throws HubError unauthenticated */
export function bearer(http: Pick<HttpRequest, 'headers'>): string {
  const match = /^Bearer ([^\s]+)$/i.exec(http.headers['authorization'] ?? '');
  if (match?.[1] === undefined)
    throw new HubError('unauthenticated', 'authorization: send "Authorization: Bearer <token>"');
  return match[1];
}

interface RouteMatch {
  readonly route: Route;
  readonly params: Call['params'];
}

/** @throws HubError not-found, method-not-allowed */
function find(routes: readonly Route[], http: HttpRequest): RouteMatch {
  const candidates = routes.flatMap((route) => {
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
}

/** A stream that cannot be begun is a fault of the route, too, and the client must notice it. */
function guarded(response: HttpResponse, onFault: (thrown: unknown) => void): HttpResponse {
  const { body } = response;
  if (typeof body !== 'function') return response;
  return {
    ...response,
    body: (stream) => {
      try {
        body(stream);
      } catch (thrown) {
        onFault(thrown);
        stream.abort();
      }
    },
  };
}

/** Beside those budgets that the route itself tells of. */
function withBudget(response: HttpResponse, budget: RequestBudget): HttpResponse {
  const { headers = {} } = response;
  const own = Object.entries(limitHeaders([budget])).map(([name, value]) => {
    const before = headers[name];
    return [name, before === undefined ? value : `${value}, ${before}`];
  });
  return { ...response, headers: { ...headers, ...Object.fromEntries(own) } };
}

/**
 * One handler of many routes, and the only place where who asks is checked against what a route declares. Never throws: a
 * HubError becomes its status and code, anything else `internal`.
 */
export function createRouter({ routes, verify, policy, onError }: RouterOptions): HttpHandler {
  const slots = new RequestSlots(requestsAtOnce);
  return async (http) => {
    let release: (() => void) | undefined;
    let owner: string | undefined;
    const admit = async (access: SignedInAccess): Promise<Principal> => {
      const principal = await verify(bearer(http));
      owner = principalKey(principal);
      release = slots.take(owner);
      if (access !== 'signed-in') policy.assertMay(principal, access);
      return principal;
    };
    const onFault = (thrown: unknown): HubError => {
      const error = HubError.from(thrown);
      onError(error, http);
      return error;
    };
    const answer = async (): Promise<HttpResponse> => {
      try {
        const { route, params } = find(routes, http);
        const call = { http, params };
        const response =
          route.access === 'public' || route.access === 'own'
            ? await route.respond(call)
            : await route.respond({ ...call, principal: await admit(route.access) });
        return guarded(response, onFault);
      } catch (thrown) {
        return errorResponse(onFault(thrown));
      }
    };
    const response = await answer();
    const told = owner === undefined ? response : withBudget(response, slots.budgetOf(owner));
    return release === undefined ? told : { ...told, onTaken: release };
  };
}
