import { type DocumentNode, type ExecutionResult, getOperationAST, type GraphQLError, parse } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { isJsonObject, type JsonObject } from '../../../channels/event/json.ts';
import { heldBody, type HttpHandler, type HttpRequest } from '../../transport/http.ts';
import type { SocketRequest } from '../../transport/sockets/socket-service.ts';
import { queryLimits } from '../query-limits.ts';
import { errorsIn, resultIn } from './plain-result.ts';
import { ResultQueue } from './result-queue.ts';

/** Who asks, and over what. */
export interface SocketCaller {
  readonly respond: HttpHandler;
  readonly request: SocketRequest;
  readonly authorization: string;
  /** Where results of a subscription go. */
  readonly queue: () => ResultQueue;
}

/** What is wrong with a query is said by whoever would run it. */
function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query, { noLocation: true, maxTokens: queryLimits.tokens });
  } catch {
    return undefined;
  }
}

/** The request over HTTP that an operation stands for. */
function requestFor({ request, authorization }: SocketCaller, path: string, payload: SubscribePayload): HttpRequest {
  const { query, variables, operationName, extensions } = payload;
  const position = extensions?.['position'];
  return {
    ...{ method: 'POST', peer: request.peer, path, query: new URLSearchParams() },
    headers: {
      ...request.headers,
      ...{ authorization, accept: 'application/graphql-response+json', 'content-type': 'application/json' },
      ...(typeof position === 'string' ? { 'last-event-id': position } : {}),
    },
    ...heldBody(new TextEncoder().encode(JSON.stringify({ query, variables, operationName }))),
  };
}

/** An operation that was begun: its one result, or the results that come. */
export class BegunOperation {
  readonly document: DocumentNode;
  readonly result: ExecutionResult | ResultQueue;

  constructor(document: DocumentNode, result: ExecutionResult | ResultQueue) {
    this.document = document;
    this.result = result;
  }
}

async function answerTo(caller: SocketCaller, http: HttpRequest): Promise<ResultQueue | JsonObject> {
  const { body, onTaken } = await caller.respond(http);
  if (typeof body === 'function') {
    const queue = caller.queue();
    if (onTaken !== undefined) queue.onClose(onTaken);
    body(queue);
    return queue;
  }
  onTaken?.();
  const answer: unknown = JSON.parse(typeof body === 'string' ? body : '{}');
  return isJsonObject(answer) ? answer : {};
}

/**
 * Runs an operation as the request over HTTP that it stands for, so that it has the same rights, limits and errors. Errors
 * if there is no result.
 */
export async function beginOperation(
  caller: SocketCaller,
  payload: SubscribePayload,
): Promise<BegunOperation | readonly GraphQLError[]> {
  const document = parsed(payload.query);
  const isSubscription =
    document !== undefined && getOperationAST(document, payload.operationName)?.operation === 'subscription';
  const answer = await answerTo(caller, requestFor(caller, isSubscription ? '/graphql/stream' : '/graphql', payload));
  if (document !== undefined && answer instanceof ResultQueue) return new BegunOperation(document, answer);
  const told = answer instanceof ResultQueue ? {} : answer;
  if (document !== undefined && 'data' in told) return new BegunOperation(document, resultIn(told));
  return errorsIn(told);
}
