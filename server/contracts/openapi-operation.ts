import { z } from 'zod';
import { problemSchema } from '../../channels/contract/common-schema.ts';
import { type ErrorCode, errorCodes } from '../../channels/protocol/error-code.ts';
import { isJsonObject, jsonOf, type JsonObject, type JsonValue } from '../../channels/event/json.ts';
import { problemMediaType } from '../../channels/protocol/problem.ts';
import {
  type AnswerContract,
  answerHeaders,
  type BodyContract,
  type ContentContract,
  forBrowsers,
  requestHeaders,
  type RequestHeader,
  type RouteContract,
  type ValueContract,
} from '../http/contract.ts';
import type { ParameterContract } from '../http/query.ts';
import type { Route } from '../http/route.ts';
import { grouped } from './grouped.ts';
import type { SchemaCatalog } from './schema-catalog.ts';

/** A route that clients are told of. */
export type DescribedRoute = Route & { readonly contract: RouteContract };

export function isDescribed(route: Route): route is DescribedRoute {
  return route.contract !== forBrowsers;
}

/** Whoever needs a token may get these, whatever the route. */
const errorsOfTokens = [
  ...(['unauthenticated', 'token-expired', 'token-revoked', 'key-not-known'] as const),
  ...(['rate-limited', 'storage-unavailable', 'not-ready'] as const),
] as const;

/** All that a request to the route can be refused with. */
export function errorsOf({ access, contract, query, body }: DescribedRoute): readonly ErrorCode[] {
  const hasToken = access !== 'public';
  return [
    ...new Set<ErrorCode>([
      ...Object.values(query).flatMap((parameter) => parameter.contract.errors),
      ...(body?.errors ?? []),
      ...(hasToken ? errorsOfTokens : []),
      ...(hasToken && access !== 'own' && access !== 'signed-in' ? (['forbidden'] as const) : []),
      ...contract.errors,
      'internal',
    ]),
  ].toSorted();
}

function pathParameters({ path, contract }: DescribedRoute): readonly JsonObject[] {
  const params = new Map(Object.entries<ValueContract>(contract.params));
  return [...path.matchAll(/\/[:*](\w+)/g)].map(([, name = '']) => {
    const { about, example } = params.get(name) ?? { about: '' };
    const schema = { type: 'string' };
    return {
      ...{ name, in: 'path', required: true, description: about, schema },
      ...(example === undefined ? {} : { example }),
    };
  });
}

function queryParameter(name: string, contract: ParameterContract, schemas: SchemaCatalog): JsonObject {
  const { about: description, example, isJson = false } = contract;
  const schema = schemas.of(contract.schema);
  if (!isJson)
    return {
      name,
      in: 'query',
      description,
      schema,
      ...(example === undefined ? {} : { example: typed(example, schema) }),
    };
  const value = example === undefined ? null : jsonOf(JSON.parse(example));
  const content = { 'application/json': { schema, ...(example === undefined ? {} : { example: value }) } };
  return { name, in: 'query', description, content };
}

/** As the schema has it: numbers and flags are no texts there. */
function typed(example: string, { type }: JsonObject): JsonValue {
  return type === 'integer' || type === 'boolean' ? jsonOf(JSON.parse(example)) : example;
}

function headerParameter(name: RequestHeader, required: boolean): JsonObject {
  const { about: description, example }: ValueContract = requestHeaders[name];
  return {
    ...{ name, in: 'header', required, description, schema: { type: 'string' } },
    ...(example === undefined ? {} : { example }),
  };
}

function parametersOf(route: DescribedRoute, schemas: SchemaCatalog): readonly JsonObject[] {
  const { headers: optional = [], requiredHeaders = [] } = route.contract;
  const headers = [...requiredHeaders, ...optional].map((name) =>
    headerParameter(name, requiredHeaders.includes(name)),
  );
  const query = Object.entries(route.query).map(([name, { contract }]) => queryParameter(name, contract, schemas));
  return [...pathParameters(route), ...query, ...headers];
}

function contentOf(content: Readonly<Record<string, ContentContract>>, schemas: SchemaCatalog): JsonObject {
  return Object.fromEntries(
    Object.entries(content).map(([mediaType, { schema, examples = {} }]) => [
      mediaType,
      {
        schema: schemas.of(schema),
        ...(Object.keys(examples).length === 0 ? {} : { examples: examplesOf(examples) }),
      },
    ]),
  );
}

function examplesOf(examples: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value: jsonOf(value) }]));
}

function bodyOf({ content, isOptional }: BodyContract, schemas: SchemaCatalog): JsonObject {
  return { required: !isOptional, content: contentOf(content, schemas) };
}

function answerOf({ about, content, headers = [] }: AnswerContract, schemas: SchemaCatalog): JsonObject {
  const named = headers.map((name) => [name, { description: answerHeaders[name], schema: { type: 'string' } }]);
  return {
    description: about,
    ...(named.length === 0 ? {} : { headers: Object.fromEntries(named) }),
    ...(content === undefined ? {} : { content: contentOf(content, schemas) }),
  };
}

function problemsOf(route: DescribedRoute, schemas: SchemaCatalog): readonly (readonly [string, JsonObject])[] {
  const byStatus = grouped(errorsOf(route), (code) => errorCodes[code].status);
  // the members themselves: the problem is one object
  const own = z.object(route.contract.problemMembers?.shape ?? {});
  const { properties: more } = schemas.of(own);
  return [...byStatus].map(([status, codes]) => {
    const description = codes.map((code) => `\`${code}\`: ${errorCodes[code].meaning}`).join('\n\n');
    const members = { type: 'object', properties: { code: { enum: codes }, ...(isJsonObject(more) ? more : {}) } };
    const narrowed = { allOf: [schemas.of(problemSchema), members] };
    const headers = status === 429 || status === 503 ? { headers: retryAfter } : {};
    return [String(status), { description, ...headers, content: { [problemMediaType]: { schema: narrowed } } }];
  });
}

const headerReference = (name: string): JsonObject => ({ $ref: `#/components/headers/${name}` });
const retryAfter = { 'Retry-After': headerReference('RetryAfter') };
const budgets = { RateLimit: headerReference('RateLimit'), 'RateLimit-Policy': headerReference('RateLimitPolicy') };

/** Headers of answers that are described once. */
export const sharedHeaders: JsonObject = {
  RetryAfter: { description: 'Seconds to wait first.', schema: { type: 'integer' } },
  RateLimit: {
    description: 'What is left of your budgets of requests: draft-ietf-httpapi-ratelimit-headers.',
    schema: { type: 'string' },
    example: '"requests";r=7',
  },
  RateLimitPolicy: {
    description: 'Your budgets of requests.',
    schema: { type: 'string' },
    example: '"requests";q=8;qu="concurrent-requests"',
  },
};

/** Whoever is known is told of the budget. */
function isCounted({ access }: DescribedRoute, status: string): boolean {
  return access !== 'public' && access !== 'own' && status !== '401';
}

function withHeaders(answer: JsonObject, more: JsonObject): JsonObject {
  const { headers } = answer;
  return { ...answer, headers: { ...(isJsonObject(headers) ? headers : {}), ...more } };
}

function securityOf({ access, contract }: DescribedRoute): readonly JsonObject[] {
  if (access === 'public') return [];
  return [{ bearer: [] }, ...(contract.takesTicket === true ? [{ ticket: [] }] : [])];
}

/** A route as an operation object of OpenAPI 3.1. */
export function operationOf(route: DescribedRoute, schemas: SchemaCatalog): JsonObject {
  const { contract, body } = route;
  const successes = route.answers.map((answer) => [String(answer.status), answerOf(answer, schemas)] as const);
  const problems = problemsOf(route, schemas);
  const statuses = [...new Set([...successes, ...problems].map(([status]) => status))].toSorted();
  return {
    ...{ operationId: contract.id, tags: [contract.group], summary: contract.summary },
    ...(contract.description === undefined ? {} : { description: contract.description }),
    security: securityOf(route),
    parameters: parametersOf(route, schemas),
    ...(body === undefined ? {} : { requestBody: bodyOf(body, schemas) }),
    responses: Object.fromEntries(
      statuses.map((status) => {
        const answer = joined([...successes, ...problems].filter(([own]) => own === status));
        return [status, isCounted(route, status) ? withHeaders(answer, budgets) : answer];
      }),
    ),
  };
}

/** A status that says success and failure, as that of a node which is not ready, has the forms of both. */
function joined(answers: readonly (readonly [string, JsonObject])[]): JsonObject {
  const [first, second] = answers.map(([, answer]) => answer);
  if (first === undefined || second === undefined) return first ?? {};
  const [one, other] = [first['content'], second['content']];
  const content = { ...(isJsonObject(other) ? other : {}), ...(isJsonObject(one) ? one : {}) };
  return { ...second, ...first, content };
}
