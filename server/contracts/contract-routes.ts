import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JsonObject } from '../../channels/event/json.ts';
import { type Answer, jsonAnswer, ownResponse } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { type Call, type Route, route } from '../http/route.ts';
import type { HttpResponse } from '../transport/http.ts';
import { asyncApiDocument } from './asyncapi-document.ts';
import { type DocumentFacts, openApiDocument } from './openapi-document.ts';

const common = { group: 'Contracts', params: {}, headers: ['if-none-match'], errors: [] } as const;
const contracts = {
  openApi: { ...common, id: 'getOpenApi', summary: 'This description, as OpenAPI 3.1' },
  asyncApi: { ...common, id: 'getAsyncApi', summary: 'Messages on WebSockets and streams, as AsyncAPI 3.0' },
} as const satisfies Record<string, RouteContract>;
const notModified = { status: 304, about: 'You have it already.', headers: ['etag'] } as const;

/** Both are described by their own standards. */
function documentAnswer(version: string): Answer<HttpResponse> {
  return ownResponse(jsonAnswer(z.looseObject({ [version]: z.string() }), { headers: ['etag'] }), notModified);
}

interface Text {
  readonly body: string;
  readonly etag: string;
}

/** Made when somebody asks for it first: most processes are never asked. */
function once(make: () => JsonObject): () => Text {
  let text: Text | undefined;
  return () => {
    if (text !== undefined) return text;
    const body = JSON.stringify(make());
    text = { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
    return text;
  };
}

function serve(text: () => Text): (call: Call) => HttpResponse {
  return ({ http }) => {
    const { body, etag } = text();
    const headers = { etag, 'cache-control': 'no-cache' };
    if (http.headers['if-none-match'] === etag) return { status: 304, headers };
    return { status: 200, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, body };
  };
}

/** What describes the other routes, and itself. It says nothing of a catalog, so it needs no token. */
export function contractRoutes(facts: DocumentFacts): readonly Route[] {
  const own: Route[] = [];
  const openApi = once(() => openApiDocument({ ...facts, routes: [...facts.routes, ...own] }));
  const asyncApi = once(() => asyncApiDocument(facts));
  const open = { method: 'GET', access: 'public' } as const;
  own.push(
    route({
      ...{ ...open, path: '/v1/openapi.json', contract: contracts.openApi, answer: documentAnswer('openapi') },
      handle: serve(openApi),
    }),
    route({
      ...{ ...open, path: '/v1/asyncapi.json', contract: contracts.asyncApi, answer: documentAnswer('asyncapi') },
      handle: serve(asyncApi),
    }),
  );
  return own;
}
