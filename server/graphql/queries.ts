import { isJsonObject, type JsonObject } from '../../channels/event/json.ts';
import { documentNode, findNode, objectsIn, pageInfo, textOf } from './document-nodes.ts';
import { type CallOperation, jsonParameter } from './operations.ts';
import { readKinds, typeName } from './schema/kinds.ts';

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

async function list(kind: string, args: ListArguments, { call }: Context): Promise<object> {
  const { filter, sort, descending, first, after } = args;
  const { body } = await call(`list${typeName(kind)}s`, {
    query: {
      filter: jsonParameter(filter),
      sort: `${descending ? '-' : ''}${sortNames[sort]}`,
      limit: String(first),
      after: textOf(after),
    },
  });
  const nodes = objectsIn(body[`${kind}s`]).flatMap(({ [kind]: document, etag }) =>
    isJsonObject(document) ? [documentNode(document, etag, call)] : [],
  );
  return { nodes, pageInfo: pageInfo(body['next']) };
}

/** Its fields of the type Query. */
function fieldsOf(kind: string): Readonly<Record<string, unknown>> {
  return {
    [kind]: ({ urn }: { readonly urn: string }, { call }: Context) => findNode(call, kind, urn),
    [`${kind}s`]: (args: ListArguments, context: Context) => list(kind, args, context),
  };
}

function hitNode(hit: JsonObject, call: CallOperation): object {
  const { entity } = hit;
  const { kind, urn } = isJsonObject(entity) ? entity : {};
  return { ...hit, document: () => findNode(call, textOf(kind) ?? '', textOf(urn) ?? '') };
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
  ...Object.assign({}, ...readKinds.map(fieldsOf)),
  me: async (_: object, { call }: Context): Promise<object> => (await call('getMe')).body,
  search,
};
