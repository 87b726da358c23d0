import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { problemOf } from '../../channels/protocol/problem.ts';
import { assetNode, findAssetNode, objectsIn, textOf } from './asset-nodes.ts';
import type { CallOperation, OperationAnswer } from './operations.ts';
import type { Context } from './queries.ts';

interface EditArguments {
  readonly urn: string;
  readonly ifMatch?: string | null;
  readonly idempotencyKey?: string | null;
}

type PatchArguments = EditArguments & { readonly patch: unknown };
type ReplaceArguments = EditArguments & { readonly asset: unknown };
type CreateArguments = Pick<ReplaceArguments, 'asset' | 'idempotencyKey'>;

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
async function outcome({ call }: Context, urn: string | undefined, work: () => Promise<object>): Promise<object> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HubError) || error.status >= 500) throw error;
    if (error.code !== 'precondition-failed') return { __typename: 'Problem', ...problemOf(error) };
    const current = urn === undefined ? null : await findAssetNode(call, urn);
    return { __typename: 'Conflict', detail: error.message, current };
  }
}

function savedNode({ body, headers }: OperationAnswer, call: CallOperation): object {
  const { asset, etag, changes, event } = body;
  return {
    __typename: 'Saved',
    ...{ changes, event, isRepeated: headers['idempotency-replayed'] === 'true' },
    asset: assetNode(isJsonObject(asset) ? asset : {}, etag, call),
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

/** Fields of the type Mutation. */
export const mutations = {
  patchAsset: (args: PatchArguments, context: Context): Promise<object> =>
    outcome(context, args.urn, async () => {
      const { urn, patch } = args;
      const contentType = 'application/merge-patch+json';
      const input = { params: { urn }, headers: guardsOf(args), contentType, body: patch };
      return savedNode(await context.call('patchAsset', input), context.call);
    }),
  replaceAsset: (args: ReplaceArguments, context: Context): Promise<object> =>
    outcome(context, args.urn, async () => {
      const { urn, asset } = args;
      const input = { params: { urn }, headers: guardsOf(args), body: asset };
      return savedNode(await context.call('replaceAsset', input), context.call);
    }),
  createAsset: (args: CreateArguments, context: Context): Promise<object> =>
    outcome(context, undefined, async () => {
      const input = { headers: guardsOf(args), body: args.asset };
      return savedNode(await context.call('createAsset', input), context.call);
    }),
  deleteAsset: (args: EditArguments, context: Context): Promise<object> =>
    outcome(context, args.urn, async () => {
      const { urn } = args;
      await context.call('deleteAsset', { params: { urn }, headers: guardsOf(args) });
      return { __typename: 'Deleted', urn };
    }),
  decideSuggestions,
};
