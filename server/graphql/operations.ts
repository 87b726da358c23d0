import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import type { Principal } from '../../channels/policy/principal.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { forBrowsers } from '../http/contract.ts';
import type { Route } from '../http/route.ts';
import { heldBody, type HttpRequest, type HttpResponse } from '../transport/http.ts';
import { OwnedTurns } from '../turns/owned-turns.ts';

/** What an operation is called with: all of it as over HTTP. */
export interface OperationInput {
  /** Of the path, as they are. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly contentType?: string;
  readonly body?: unknown;
}

export interface OperationAnswer {
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where the answer has no body. */
  readonly body: JsonObject;
}

/** An argument that is JSON, as a parameter of a query; null counts as absent. */
export function jsonParameter(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

/** Calls an operation of REST by its id in /v1/openapi.json. @throws HubError as the route does */
export type CallOperation = (id: string, input?: OperationInput) => Promise<OperationAnswer>;

/** The calls of one query. */
export interface CallsOfQuery {
  readonly call: CallOperation;
  /** No more begin. Resolves when those that run have ended: what is done for a query is done in its place. */
  readonly end: () => Promise<void>;
}

export interface Operations {
  readonly has: (id: string) => boolean;
  /** Called as somebody, from an address. */
  readonly of: (principal: Principal, peer: string) => CallsOfQuery;
  /** A stream for a request, with its token, address and position. @throws HubError as GET /v1/stream */
  readonly stream: (http: HttpRequest, query: OperationInput['query']) => Promise<HttpResponse>;
}

/** Operations of one query that run at the same time: a query has one of the places of its principal. */
const atOnce = 4;

function given(members: Readonly<Record<string, string | undefined>> = {}): [string, string][] {
  return Object.entries(members).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
}

function bodyOf(body: unknown): ReturnType<typeof heldBody> {
  return heldBody(new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body)));
}

/**
 * Every rule of an operation is in its route: rights, masks, limits, ETags, and what is noted of who was shown what. So a
 * field of GraphQL calls the route, within the process, and nothing can be seen or done here that REST refuses.
 */
export function operationsOf(routes: readonly Route[]): Operations {
  const byId = new Map(
    routes.flatMap((route) => (route.contract === forBrowsers ? [] : [[route.contract.id, route] as const])),
  );
  const answered = async (
    { principal, peer }: { readonly principal: Principal; readonly peer: string },
    id: string,
    { params = {}, query, headers, contentType = 'application/json', body }: OperationInput,
  ): Promise<OperationAnswer> => {
    const route = byId.get(id);
    if (route?.access !== 'signed-in') throw new Error(`${id} is not an operation for everybody who is signed in`);
    const path = route.path.replaceAll(/:(\w+)/g, (whole, name: string) =>
      params[name] === undefined ? whole : encodeURIComponent(params[name]),
    );
    const http = {
      ...{ method: route.method, peer, path, query: new URLSearchParams(given(query)) },
      headers: Object.fromEntries([['content-type', contentType], ...given(headers)]),
      ...bodyOf(body),
    };
    const answer = await route.respond({ http, params, principal });
    answer.onTaken?.();
    const text = typeof answer.body === 'string' && answer.body !== '' ? answer.body : '{}';
    const value: unknown = JSON.parse(text);
    return { headers: answer.headers ?? {}, body: isJsonObject(value) ? value : {} };
  };
  const of: Operations['of'] = (principal, peer) => {
    const turns = new OwnedTurns(atOnce);
    const calls: Promise<unknown>[] = [];
    let isOver = false;
    const call: CallOperation = (id, input = {}) => {
      const answer = turns.run('', () => {
        if (isOver) throw new HubError('invalid-request', 'query: it was answered already');
        return answered({ principal, peer }, id, input);
      });
      calls.push(answer);
      return answer;
    };
    const end = async (): Promise<void> => {
      isOver = true;
      await Promise.allSettled(calls);
    };
    return { call, end };
  };
  const stream: Operations['stream'] = async (http, query) => {
    const route = byId.get('openStream');
    if (route?.access !== 'own') throw new Error('openStream is not an operation that checks the token itself');
    return route.respond({
      http: { ...http, method: route.method, path: route.path, query: new URLSearchParams(given(query)) },
      params: {},
    });
  };
  return { has: (id) => byId.has(id), of, stream };
}
