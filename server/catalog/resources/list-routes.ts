import { z } from 'zod';
import { isGone } from '../../../channels/catalog/document.ts';
import { filterSchema } from '../../../channels/contract/common-schema.ts';
import type { DocumentKind } from '../../../channels/event/head.ts';
import { principalKey } from '../../../channels/policy/principal.ts';
import type { DocumentStore } from '../../../channels/ports/document-store.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { createSelection } from '../../../channels/subscription/selection.ts';
import { hidesNothing, maskOf } from '../../../channels/wire/mask.ts';
import { AdmissionQueue } from '../../delivery/past/admission-queue.ts';
import type { Outlet } from '../../delivery/outlet/outlet.ts';
import { jsonTextOf } from '../../http/answers.ts';
import { jsonValue, parameter, type Query, text, wholeNumber } from '../../http/query.ts';
import { type Route, route, type SignedInRequest } from '../../http/route.ts';
import type { CurrentPolicy } from '../../policy/current-policy.ts';
import type { OpaqueIds } from '../../sealing/opaque-ids.ts';
import type { HttpResponse } from '../../transport/http.ts';
import { inTurns } from '../../turns/in-turns.ts';
import type { AssetDownloadOptions } from '../download/asset-download.ts';
import { createDownload, wantedLines } from '../download/download-response.ts';
import type { LineFormat } from '../download/line-format.ts';
import { type EntityListOptions, placesOf } from './entity-list.ts';
import { assertFieldNames } from './field-names.ts';
import { listItemText } from './list-item.ts';
import { cursorOf, orderSchema, parseCursor, parseOrder } from './list-order.ts';
import type { Resource } from './resource.ts';
import { type Representation, representationOf } from './representation.ts';

export interface ListRoutesOptions
  extends
    Omit<EntityListOptions, 'slices' | 'store'>,
    Pick<AssetDownloadOptions, 'log' | 'seals' | 'sealer' | 'assertGood'> {
  readonly store: DocumentStore;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
  readonly ids: OpaqueIds;
  readonly outlet: Pick<Outlet, 'fetched'>;
}

/** Of one answer: it is held as a whole until the client has taken it. */
const pageBytes = 512 * 1024;
/** Loaded at once: a document may have 384 KiB. */
const chunkDocuments = 20;
/** Slices for which the store is asked at once. */
const slicesAtOnce = 2;
/** @throws HubError invalid-request naming the unknown member */
function fieldNames(raw: string | undefined, name: string): readonly string[] | undefined {
  const fields = raw?.split(',').map((each) => each.trim());
  assertFieldNames(fields ?? [], name);
  return fields;
}

const listQuery = {
  filter: jsonValue({
    ...{ about: 'Conditions on the entities.', example: '{"domain":"retail"}', schema: filterSchema },
    errors: ['invalid-filter', 'filter-too-large'],
  }),
  sort: parameter({ about: '`-` before the name: descending.', schema: orderSchema, example: '-name' }, parseOrder),
  fields: parameter(
    { about: 'Names of members, with commas between.', schema: z.string(), example: 'urn,name,owners' },
    fieldNames,
  ),
  limit: wholeNumber({ fallback: 100, max: 1000, example: '20' }),
  after: text({ maxLength: 16_384, about: 'The `next` of the page before, or the last `cursor` of a download.' }),
};

type ListRequest = SignedInRequest<Query<typeof listQuery>, undefined>;

/** All entities of a kind that the caller may read, page by page; assets also as one download. */
export function listRoutes(options: ListRoutesOptions, resources: readonly Resource[]): readonly Route[] {
  const shared = { ...options, slices: new AdmissionQueue(slicesAtOnce) };
  const common = { method: 'GET', access: 'signed-in', query: listQuery } as const;
  const { policy } = options;
  const download = createDownload(shared);
  const lines = ({ principal, query }: ListRequest, format: LineFormat): Promise<HttpResponse> => {
    const { filter, after } = query;
    const selection = createSelection('assets', filter);
    return download({ principal, policyClass: policy.classOf(principal), selection, format, after });
  };
  return resources.map(({ kind, contracts }) =>
    route({
      ...common,
      path: `/v1/${kind}s`,
      contract: contracts.list,
      answer: contracts.answers.list,
      handle: async (request) => {
        const format = kind === 'asset' ? wantedLines(request.http) : undefined;
        if (format !== undefined) return lines(request, format(request.query.fields));
        return jsonTextOf(await pageText(shared, kind, request));
      },
    }),
  );
}

async function pageText(
  options: ListRoutesOptions & Pick<EntityListOptions, 'slices'>,
  kind: DocumentKind,
  { principal, query }: ListRequest,
): Promise<string> {
  const { policy, ids, outlet, store, turns } = options;
  const { sort: order, fields, limit } = query;
  const { tenant } = principal;
  const policyClass = policy.classOf(principal);
  const selection = createSelection(`${kind}s`, query.filter);
  const after = parseCursor(query.after, order);
  if (order.by === 'updatedAt' && !hidesNothing(maskOf(policyClass)))
    throw new HubError('invalid-request', 'sort: updatedAt is not shown to you; sort by urn or name');
  const { places, isLast } = await placesOf(options, policyClass, { selection, order, after, limit });
  const texts: string[] = [];
  const delivered: Representation['delivered'][] = [];
  let bytes = 0;
  let done = 0;
  while (done < places.length && bytes < pageBytes) {
    await turns.next(tenant);
    const chunk = places.slice(done, done + chunkDocuments);
    done += chunk.length;
    const found = await store.getMany(chunk.map(({ urn }) => ({ tenant, urn })));
    await inTurns({ turns, tenant }, found, (document) => {
      if (document === undefined || isGone(document)) return;
      if (!selection.matches(document.head) || !policyClass.mayRead(document.head)) return;
      const shown = representationOf(document, policyClass, ids);
      const item = listItemText(kind, shown, fields);
      texts.push(item);
      delivered.push(shown.delivered);
      bytes += item.length;
    });
  }
  const last = isLast && done === places.length ? undefined : places[done - 1];
  outlet.fetched({ owner: principalKey(principal) }, delivered);
  const rest = last === undefined ? '' : `,"next":${JSON.stringify(cursorOf(order, last))}`;
  return `{"${kind}s":[${texts.join(',')}]${rest}}`;
}
