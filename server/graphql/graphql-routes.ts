import { z } from 'zod';
import type { Turns } from '../../channels/ports/turns.ts';
import { jsonObjectSchema, jsonValueSchema } from '../../channels/contract/common-schema.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { ownResponse } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { schemaBody } from '../http/request-body.ts';
import { type PublicRequest, type Route, route, type SignedInRequest } from '../http/route.ts';
import type { HttpResponse } from '../transport/http.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import { bearer } from '../http/router.ts';
import type { GraphqlEngine } from './graphql-handler.ts';
import { operationsOf } from './operations.ts';
import { resultStream } from './subscriptions/result-stream.ts';

export interface GraphqlRoutesOptions {
  /** Operations that fields stand for are among them. */
  readonly routes: readonly Route[];
  readonly verify: TokenVerifier;
  readonly turns: Turns;
  /** A field has failed, or a subscription. */
  readonly onFault: (error: HubError) => void;
}

const contract: RouteContract<'/graphql'> = {
  ...{ id: 'graphql', group: 'GraphQL', summary: 'Run a query or a mutation', params: {}, errors: [] },
  description: 'GraphQL over HTTP, by POST. What is wrong with the query is in `errors`, each with a `code`.',
};
const requestSchema = z
  .object({
    query: z.string(),
    operationName: z.string().nullish(),
    variables: jsonObjectSchema.nullish(),
    extensions: jsonObjectSchema.nullish(),
  })
  .meta({ id: 'GraphqlRequest' });
const requestBody = schemaBody({
  maxBytes: 64 * 1024,
  schema: requestSchema,
  examples: { assets: { query: '{ assets(first: 10) { nodes { urn name } } }' } },
});
const resultSchema = z
  .object({ data: jsonValueSchema.exactOptional(), errors: z.array(jsonObjectSchema).exactOptional() })
  .meta({ id: 'GraphqlResult' });
const content = {
  'application/json': { schema: resultSchema },
  'application/graphql-response+json': { schema: resultSchema },
};
const answer = ownResponse(
  { status: 200, about: 'What was found, and errors of single fields.', content },
  { status: 400, about: 'The query is not valid, or costs too much.', content },
);

const streamContract: RouteContract<'/graphql/stream'> = {
  ...{ id: 'graphqlStream', group: 'GraphQL', summary: 'Subscribe: results as server-sent events', params: {} },
  description:
    'GraphQL over server-sent events, "distinct connections": events `next` and `complete`. The `id` is a position as that of GET /v1/stream.',
  headers: ['last-event-id'],
  errors: [
    ...(['invalid-request', 'invalid-channel', 'invalid-filter', 'filter-too-large', 'not-ready'] as const),
    ...(['too-many-connections', 'rate-limited', 'slow-consumer', 'storage-unavailable'] as const),
  ],
};
const streamBody = schemaBody({
  maxBytes: 64 * 1024,
  schema: requestSchema,
  examples: { changes: { query: 'subscription { changes(channel: "assets") { kind subject } }' } },
});
const streamAnswer = ownResponse({
  status: 200,
  about: 'A stream of results.',
  content: { 'text/event-stream': { schema: z.string() } },
});

/** GraphQL over the operations of REST: docs/graphql.md. None where there are no operations. */
export function graphqlRoutes({ routes, verify, turns, onFault }: GraphqlRoutesOptions): readonly Route[] {
  const operations = operationsOf(routes);
  let engine: Promise<GraphqlEngine> | undefined;
  // most processes are never asked
  const load = async (): Promise<GraphqlEngine> => {
    const { createGraphqlEngine } = await import('./graphql-handler.ts');
    return createGraphqlEngine(onFault);
  };
  const run = async ({ http, principal, body }: SignedInRequest<unknown, Query>): Promise<HttpResponse> => {
    engine ??= load();
    const { call, end } = operations.of(principal, http.peer);
    const { handler } = await engine;
    try {
      const [text, init] = await handler({
        ...{ method: 'POST', url: http.path, raw: undefined },
        headers: { ...http.headers, 'content-type': 'application/json' },
        body: { ...(await body()) },
        context: { call },
      });
      const headers = { 'cache-control': 'no-store', ...init.headers };
      return { status: init.status, headers, ...(text === null ? {} : { body: text }) };
    } finally {
      // a field that failed may have made the answer before others were done
      await end();
    }
  };
  const stream = async ({ http, body }: PublicRequest<unknown, Query>): Promise<HttpResponse> => {
    const { tenant } = await verify(bearer(http));
    engine ??= load();
    const { subscribed } = await engine;
    const operation = subscribed.of(await body());
    const response = await operations.stream(http, await operation.selection());
    return resultStream(response, {
      ...{ resultOf: (event) => operation.resultOf(event), turns, tenant },
      onFault: (thrown) => onFault(HubError.from(thrown)),
    });
  };
  const post = { method: 'POST' } as const;
  return [
    ...(operations.has('getAsset')
      ? [route({ ...post, path: '/graphql', access: 'signed-in', contract, body: requestBody, answer, handle: run })]
      : []),
    ...(operations.has('openStream')
      ? [
          route({
            // as a stream, it has no place of a request
            ...{ ...post, path: '/graphql/stream', access: 'own', contract: streamContract },
            ...{ body: streamBody, answer: streamAnswer, handle: stream },
          }),
        ]
      : []),
  ];
}

type Query = z.infer<typeof requestSchema>;
