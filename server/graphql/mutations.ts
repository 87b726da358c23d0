import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { problemOf } from '../../channels/protocol/problem.ts';
import { documentNode, findNode, objectsIn, textOf } from './document-nodes.ts';
import type { OperationAnswer, OperationInput } from './operations.ts';
import type { Context } from './queries.ts';
import { editedKinds, typeName } from './schema/kinds.ts';

interface EditArguments {
  readonly urn: string;
  readonly ifMatch?: string | null;
  readonly idempotencyKey?: string | null;
}

type PatchArguments = EditArguments & { readonly patch: unknown };
type ReplaceArguments = EditArguments & { readonly document: unknown };
type CreateArguments = Pick<ReplaceArguments, 'document' | 'idempotencyKey'>;

interface Decision {
  readonly urn: string;
  readonly column?: string | null;
  readonly tag: string;
  readonly decision: 'APPROVE' | 'REJECT';
  readonly reason?: string | null;
  readonly ifMatch?: string | null;
}

interface DecideArguments {
  readonly decisions: readonly Decision[];
  readonly idempotencyKey?: string | null;
}

function guardsOf({ ifMatch, idempotencyKey }: Partial<EditArguments>): Readonly<Record<string, string | undefined>> {
  return { 'if-match': textOf(ifMatch), 'idempotency-key': textOf(idempotencyKey) };
}

/** What the caller can do something about is an answer, and what only the hub can mend an error. */
async function outcome(work: () => Promise<object>, current: () => Promise<object | null>): Promise<object> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HubError) || error.status >= 500) throw error;
    if (error.code === 'precondition-failed')
      return { __typename: 'Conflict', detail: error.message, current: await current() };
    return { __typename: 'Problem', ...problemOf(error) };
  }
}

function savedNode(kind: string, { body, headers }: OperationAnswer, { call }: Context): object {
  const { [kind]: document, etag, changes, event } = body;
  return {
    __typename: 'Saved',
    ...{ changes, event, isRepeated: headers['idempotency-replayed'] === 'true' },
    document: documentNode(isJsonObject(document) ? document : {}, etag, call),
  };
}

function withoutNull(decision: Decision): object {
  const members = { ...decision, decision: decision.decision.toLowerCase() };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}

async function decideSuggestions(args: DecideArguments, { call }: Context): Promise<readonly JsonObject[]> {
  const body = { decisions: args.decisions.map(withoutNull) };
  return objectsIn((await call('decideSuggestions', { headers: guardsOf(args), body })).body['results']);
}

const mergePatch = 'application/merge-patch+json';

/** Its fields of the type Mutation. */
function fieldsOf(kind: string): Readonly<Record<string, unknown>> {
  const name = typeName(kind);
  const edit = (operation: string, args: Partial<EditArguments>, input: OperationInput, context: Context) => {
    const { urn } = args;
    const params = urn === undefined ? {} : { urn };
    return outcome(
      async () =>
        savedNode(kind, await context.call(operation, { params, headers: guardsOf(args), ...input }), context),
      async () => (urn === undefined ? null : findNode(context.call, kind, urn)),
    );
  };
  return {
    [`create${name}`]: (args: CreateArguments, context: Context) =>
      edit(`create${name}`, args, { body: args.document }, context),
    [`patch${name}`]: (args: PatchArguments, context: Context) =>
      edit(`patch${name}`, args, { contentType: mergePatch, body: args.patch }, context),
    [`replace${name}`]: (args: ReplaceArguments, context: Context) =>
      edit(`replace${name}`, args, { body: args.document }, context),
    [`delete${name}`]: (args: EditArguments, { call }: Context) => {
      const { urn } = args;
      return outcome(
        async () => {
          await call(`delete${name}`, { params: { urn }, headers: guardsOf(args) });
          return { __typename: 'Deleted', urn };
        },
        () => findNode(call, kind, urn),
      );
    },
  };
}

/** Fields of the type Mutation. */
export const mutations = { ...Object.assign({}, ...editedKinds.map(fieldsOf)), decideSuggestions };
