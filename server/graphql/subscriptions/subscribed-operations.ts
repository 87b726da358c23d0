import type { GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { checkedQuery } from '../query-limits.ts';
import { SubscribedOperation, type SubscriptionRequest } from './subscribed-operation.ts';

/** Different ones that are kept to be shared; beyond, the same is made once more. */
const keptOperations = 200;

/** The subscriptions of a process: those that are equal are one. */
export class SubscribedOperations {
  readonly #schema: GraphQLSchema;
  readonly #operations = new LRUCache<string, SubscribedOperation>({ max: keptOperations });

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** @throws HubError invalid-request saying what is wrong with the query */
  of(request: SubscriptionRequest): SubscribedOperation {
    const { query, variables, operationName } = request;
    const key = JSON.stringify([query, variables ?? null, operationName ?? null]);
    const known = this.#operations.get(key);
    if (known !== undefined) return known;
    const checked = checkedQuery(this.#schema, query, variables);
    if ('faults' in checked) throw new HubError('invalid-request', `query: ${checked.faults[0]?.message}`);
    const made = new SubscribedOperation(this.#schema, checked.document, request);
    this.#operations.set(key, made);
    return made;
  }
}
