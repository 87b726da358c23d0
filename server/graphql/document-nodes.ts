import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../../channels/event/json.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { columnPage } from '../catalog/column-page.ts';
import type { CallOperation } from './operations.ts';
import { typeName } from './schema/kinds.ts';

interface ColumnsArguments {
  readonly first: number;
  readonly after?: string | null;
}

interface HistoryArguments {
  readonly first: number;
  readonly before?: string | null;
}

/** Members of a list of objects; none where there is no list. */
export function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return isJsonList(value) ? value.filter(isJsonObject) : [];
}

/** A text, and undefined for anything else: an argument that is null counts as absent. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function pageInfo(endCursor: JsonValue | undefined): object {
  return { hasNextPage: endCursor !== undefined, endCursor: endCursor ?? null };
}

/** @throws HubError invalid-request naming the argument */
function assertFirst(first: number, max: number): void {
  if (first < 1 || first > max) throw new HubError('invalid-request', `first: must be a whole number from 1 to ${max}`);
}

const maxColumns = 3000;

function columnConnection(asset: JsonObject, { first, after }: ColumnsArguments): object {
  assertFirst(first, maxColumns);
  const all = objectsIn(asset['columns']);
  const { columns, next } = columnPage<JsonObject>(all, { limit: first, after: textOf(after) });
  return { nodes: columns, totalCount: all.length, pageInfo: pageInfo(next) };
}

async function historyPage(call: CallOperation, urn: string, { first, before }: HistoryArguments): Promise<object> {
  const query = { limit: String(first), before: textOf(before) };
  const { body } = await call('getAssetHistory', { params: { urn }, query });
  return { nodes: objectsIn(body['events']), pageInfo: pageInfo(body['next']) };
}

interface LineageArguments {
  readonly direction: 'UPSTREAM' | 'DOWNSTREAM' | 'BOTH';
  readonly depth: number;
}

/** What of an asset has to be asked for, or is a page of what is there. */
function assetFields(asset: JsonObject, urn: string, call: CallOperation): object {
  const params = { urn };
  return {
    columns: (page: ColumnsArguments) => columnConnection(asset, page),
    history: (page: HistoryArguments) => historyPage(call, urn, page),
    lineage: async ({ direction, depth }: LineageArguments) => {
      const query = { direction: direction.toLowerCase(), depth: String(depth) };
      return (await call('getAssetLineage', { params, query })).body;
    },
    impact: async ({ depth }: Pick<LineageArguments, 'depth'>) =>
      (await call('getAssetImpact', { params, query: { depth: String(depth) } })).body,
  };
}

/** A document as it is resolved. */
export function documentNode(document: JsonObject, etag: JsonValue | undefined, call: CallOperation): object {
  const { urn, kind } = document;
  const node = { ...document, etag: etag ?? null, __typename: typeName(textOf(kind) ?? 'asset') };
  return kind === 'asset' ? { ...node, ...assetFields(document, textOf(urn) ?? '', call) } : node;
}

/** Null for what the caller does not see. @throws HubError of anything else */
export async function findNode(call: CallOperation, kind: string, urn: string): Promise<object | null> {
  try {
    const { body, headers } = await call(`get${typeName(kind)}`, { params: { urn } });
    return documentNode(body, headers['etag'], call);
  } catch (error) {
    if (error instanceof HubError && error.code === 'not-found') return null;
    throw error;
  }
}
