import type { DocumentStore } from '../../channels/ports/document-store.ts';
import { type Principal, principalKey } from '../../channels/policy/principal.ts';
import type { Outlet } from '../delivery/outlet/outlet.ts';
import { json } from '../http/answers.ts';
import { type Query, text, wholeNumber } from '../http/query.ts';
import { type Route, route, type SignedInRequest } from '../http/route.ts';
import type { CurrentPolicy } from '../policy/current-policy.ts';
import type { OpaqueIds } from '../sealing/opaque-ids.ts';
import { assetHistory, type AssetHistoryOptions } from './asset-history.ts';
import { columnPage } from './column-page.ts';
import * as contracts from './contracts/asset-contracts.ts';
import { findAsset } from './resources/find-entity.ts';
import { type Representation, representationOf } from './resources/representation.ts';

export interface AssetPartRoutesOptions extends Omit<AssetHistoryOptions, 'wireId'> {
  readonly store: DocumentStore;
  readonly policy: Pick<CurrentPolicy, 'classOf'>;
  readonly ids: OpaqueIds;
  readonly outlet: Pick<Outlet, 'fetched'>;
}

const historyQuery = {
  limit: wholeNumber({ fallback: 50, max: 200 }),
  before: text({ maxLength: 64, about: 'The `next` of the page before.' }),
};
const columnsQuery = {
  limit: wholeNumber({ fallback: 200, max: 1000 }),
  after: text({ maxLength: 256, about: 'The `next` of the page before: key of its last column.' }),
};

/** As the representation of the asset has them. */
function columnsIn({ shown }: Representation): readonly { readonly key: unknown }[] {
  const { columns } = shown;
  return Array.isArray(columns) ? columns : [];
}

/** Parts of an asset that may be long: its past, and its columns. */
export function assetPartRoutes(options: AssetPartRoutesOptions): readonly Route[] {
  const { store, policy, ids, outlet } = options;

  const history = async ({ params, principal, query }: SignedInRequest<Query<typeof historyQuery>, undefined>) => {
    const policyClass = policy.classOf(principal);
    const asset = await findAsset(store, policyClass, params['urn'] ?? '');
    const { texts, delivered, next } = await assetHistory(
      { ...options, wireId: (event) => ids.event(event) },
      asset,
      policyClass,
      query,
    );
    outlet.fetched({ owner: principalKey(principal) }, delivered);
    const rest = next === undefined ? '' : `,"next":${JSON.stringify(next)}`;
    return `{"events":[${texts.join(',')}]${rest}}`;
  };

  const shown = async (principal: Principal, written: string): Promise<Representation> => {
    const policyClass = policy.classOf(principal);
    return representationOf(await findAsset(store, policyClass, written), policyClass, ids);
  };

  const columns = async ({ params, principal, query }: SignedInRequest<Query<typeof columnsQuery>, undefined>) => {
    const representation = await shown(principal, params['urn'] ?? '');
    const { columns: page, next } = columnPage(columnsIn(representation), query);
    outlet.fetched({ owner: principalKey(principal) }, [representation.delivered]);
    return { columns: page, etag: representation.etag, ...(next === undefined ? {} : { next }) };
  };

  const common = { method: 'GET', access: 'signed-in' } as const;
  return [
    route({
      ...{ ...common, path: '/v1/assets/:urn/history', contract: contracts.assetHistory, query: historyQuery },
      answer: contracts.historyAnswer,
      handle: history,
    }),
    route({
      ...{ ...common, path: '/v1/assets/:urn/columns', contract: contracts.assetColumns, query: columnsQuery },
      answer: json(contracts.columnPageSchema),
      handle: columns,
    }),
  ];
}
