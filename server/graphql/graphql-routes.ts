import { z } from 'zod';
import { jsonObjectSchema, jsonValueSchema } from '../../channels/contract/common-schema.ts';
import type { HubError } from '../../channels/protocol/hub-error.ts';
import { ownResponse } from '../http/answers.ts';
import type { RouteContract } from '../http/contract.ts';
import { schemaBody } from '../http/request-body.ts';
import { type Route, route, type SignedInRequest } from '../http/route.ts';
import type { HttpResponse } from '../transport/http.ts';
import type { GraphqlHandler } from './graphql-handler.ts';
import { operationsOf } from './operations.ts';

export interface GraphqlRoutesOptions {
  /** Operations that fields stand for are among them. */
  readonly routes: readonly Route[];
  /** A field has failed. */
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

/** GraphQL over the operations of REST: docs/graphql.md. None where there are no operations. */
export function graphqlRoutes({ routes, onFault }: GraphqlRoutesOptions): readonly Route[] {
  const operations = operationsOf(routes);
  if (!operations.has('getAsset')) return [];
  let handler: Promise<GraphqlHandler> | undefined;
  // most processes are never asked
  const load = async (): Promise<GraphqlHandler> => {
    const { createGraphqlHandler } = await import('./graphql-handler.ts');
    return createGraphqlHandler(onFault);
  };
  const run = async ({ http, principal, body }: SignedInRequest<unknown, Query>): Promise<HttpResponse> => {
    handler ??= load();
    const [text, init] = await (
      await handler
    )({
      ...{
        method: 'POST',
        url: http.path,
        raw: undefined,
        headers: { ...http.headers, 'content-type': 'application/json' },
      },
      body: { ...(await body()) },
      context: { call: operations.of(principal, http.peer) },
    });
    const headers = { 'cache-control': 'no-store', ...init.headers };
    return { status: init.status, headers, ...(text === null ? {} : { body: text }) };
  };
  return [
    route({
      ...{ method: 'POST', path: '/graphql', access: 'signed-in' },
      contract,
      body: requestBody,
      answer,
      handle: run,
    }),
  ];
}

type Query = z.infer<typeof requestSchema>;
