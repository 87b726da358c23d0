import { createSourceEventStream, type DocumentNode, executeSync, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { isJsonObject, type JsonObject } from '../../../channels/event/json.ts';
import { jsonParameter } from '../operations.ts';

/** A subscription as a client sends it. */
export interface SubscriptionRequest {
  readonly query: string;
  readonly variables?: JsonObject | null | undefined;
  readonly operationName?: string | null | undefined;
}

/** Arguments of `changes`, by their names. */
interface ChangesArguments {
  readonly channel: string;
  readonly filter?: unknown;
  readonly shape: 'DOCUMENT' | 'ENTITY' | 'CHANGES';
  readonly fields?: readonly string[] | null;
  readonly since?: string | null;
}

/** Results that are kept for the others who have the same subscription: they get an event in the same moment. */
const keptResults = 64;

async function* nothing(): AsyncGenerator<never> {}

/** One subscription, whoever has it: its selection is run once for each event, because an event is one text for all who may see it. */
export class SubscribedOperation {
  readonly #schema: GraphQLSchema;
  readonly #document: DocumentNode;
  readonly #request: SubscriptionRequest;
  readonly #results = new LRUCache<string, string>({ max: keptResults });

  constructor(schema: GraphQLSchema, document: DocumentNode, request: SubscriptionRequest) {
    this.#schema = schema;
    this.#document = document;
    this.#request = request;
  }

  /** What it selects, as the query of a stream. @throws HubError invalid-request */
  async selection(): Promise<Readonly<Record<string, string | undefined>>> {
    const { channel, filter, shape, fields, since } = await this.#arguments();
    return {
      channel,
      filter: jsonParameter(filter),
      shape: shape.toLowerCase(),
      fields: fields?.join(','),
      since: since ?? undefined,
    };
  }

  async #arguments(): Promise<ChangesArguments> {
    let given: ChangesArguments | undefined;
    const changes = (args: ChangesArguments): AsyncGenerator<never> => {
      given = args;
      return nothing();
    };
    const result = await createSourceEventStream({ ...this.#common, rootValue: { changes } });
    const error = 'errors' in result ? result.errors?.[0] : undefined;
    if (given !== undefined && error === undefined) return given;
    throw new HubError('invalid-request', `query: ${error?.message ?? 'subscribe to `changes`'}`);
  }

  /** The result for a wire event, as JSON. */
  resultOf(text: string): string {
    const known = this.#results.get(text);
    if (known !== undefined) return known;
    const event: unknown = JSON.parse(text);
    const result = executeSync({ ...this.#common, rootValue: { changes: isJsonObject(event) ? event : {} } });
    const made = JSON.stringify(result);
    this.#results.set(text, made);
    return made;
  }

  get #common() {
    const { variables, operationName } = this.#request;
    return {
      schema: this.#schema,
      document: this.#document,
      variableValues: variables ?? {},
      operationName: operationName ?? null,
    };
  }
}
