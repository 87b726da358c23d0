import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql';
import { createHandler, type Handler } from 'graphql-http';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { problemOf } from '../../channels/protocol/problem.ts';
import { mutations } from './mutations.ts';
import { type Context, queries } from './queries.ts';
import { checkedQuery } from './query-limits.ts';
import { schemaText } from './schema/schema-text.ts';
import { SubscribedOperations } from './subscriptions/subscribed-operations.ts';

type OwnContext = Context & Record<PropertyKey, unknown>;
type GraphqlHandler = Handler<undefined, OwnContext>;

/** Of the query itself: it cannot be parsed, is not valid, or costs too much. */
function ofQuery(error: GraphQLError): GraphQLError {
  const { message, nodes, source, positions, path, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions: { code: 'invalid-request', ...extensions },
  });
}

/** An error with what the hub says of it. */
function described(error: Readonly<GraphQLError | Error>, onFault: (error: HubError) => void): GraphQLError {
  const isPlaced = error instanceof GraphQLError;
  const original = isPlaced ? error.originalError : error;
  if (isPlaced && original === undefined) return ofQuery(error);
  const fault = HubError.from(original);
  onFault(fault);
  const { detail, ...extensions } = problemOf(fault);
  return new GraphQLError(detail, {
    nodes: (isPlaced && error.nodes) || null,
    path: (isPlaced && error.path) || null,
    extensions,
  });
}

export interface GraphqlEngine {
  /** Runs queries and mutations. */
  readonly handler: GraphqlHandler;
  readonly subscribed: SubscribedOperations;
}

/** GraphQL over HTTP, as the specification of the same name says, and subscriptions. */
export function createGraphqlEngine(onFault: (error: HubError) => void): GraphqlEngine {
  const schema = buildSchema(schemaText);
  return { handler: createGraphqlHandler(schema, onFault), subscribed: new SubscribedOperations(schema) };
}

function createGraphqlHandler(schema: GraphQLSchema, onFault: (error: HubError) => void): GraphqlHandler {
  return createHandler<undefined, OwnContext, OwnContext>({
    schema,
    onSubscribe: ({ context }, { query, variables, operationName }) => {
      const checked = checkedQuery(schema, query, variables);
      if ('faults' in checked) return checked.faults;
      return {
        ...{ schema, ...checked, contextValue: context, rootValue: { ...queries, ...mutations } },
        ...{ variableValues: variables ?? null, operationName: operationName ?? null },
      };
    },
    formatError: (error) => described(error, onFault),
  });
}
