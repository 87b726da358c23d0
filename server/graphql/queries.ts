import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import { assetNode, findAssetNode, objectsIn, pageInfo, textOf } from './asset-nodes.ts';
import type { CallOperation } from './operations.ts';

/** What every field is resolved with. */
export interface Context {
  readonly call: CallOperation;
}

interface ListArguments {
  readonly filter?: unknown;
  readonly sort: 'URN' | 'NAME' | 'UPDATED_AT';
  readonly descending: boolean;
  readonly first: number;
  readonly after?: string | null;
}

interface SearchArguments {
  readonly q: string;
  readonly channel?: string | null;
  readonly filter?: unknown;
  readonly facets?: readonly string[] | null;
  readonly sort?: readonly string[] | null;
  readonly strategy: 'ALL' | 'LAST';
  readonly first: number;
}

const sortNames = { URN: 'urn', NAME: 'name', UPDATED_AT: 'updatedAt' } as const;

async function assets(args: ListArguments, { call }: Context): Promise<object> {
  const { filter, sort, descending, first, after } = args;
  const { body } = await call('listAssets', {
    query: {
      filter: filter === undefined || filter === null ? undefined : JSON.stringify(filter),
      sort: `${descending ? '-' : ''}${sortNames[sort]}`,
      limit: String(first),
      after: textOf(after),
    },
  });
  const nodes = objectsIn(body['assets']).flatMap(({ asset, etag }) =>
    isJsonObject(asset) ? [assetNode(asset, etag, call)] : [],
  );
  return { nodes, pageInfo: pageInfo(body['next']) };
}

function hitNode(hit: JsonObject, call: CallOperation): object {
  const { entity } = hit;
  const urn = isJsonObject(entity) && entity['kind'] === 'asset' ? textOf(entity['urn']) : undefined;
  return { ...hit, asset: () => (urn === undefined ? null : findAssetNode(call, urn)) };
}

async function search(args: SearchArguments, { call }: Context): Promise<object> {
  const { q, channel, filter, facets, sort, strategy, first } = args;
  const members = { q, channel, filter, facets, sort, strategy: strategy.toLowerCase(), limit: first };
  const request = Object.entries(members).filter(([, value]) => value !== undefined && value !== null);
  const { body } = await call('searchByBody', { body: Object.fromEntries(request) });
  return { ...body, hits: objectsIn(body['hits']).map((hit) => hitNode(hit, call)) };
}

/** Fields of the type Query. */
export const queries = {
  me: async (_: object, { call }: Context): Promise<object> => (await call('getMe')).body,
  asset: ({ urn }: { readonly urn: string }, { call }: Context): Promise<object | null> => findAssetNode(call, urn),
  assets,
  search,
};
