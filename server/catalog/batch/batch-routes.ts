import { batchAnswerSchema, type BatchOperation, batchSchema } from '../../../channels/contract/batch-schema.ts';
import { canonicalJson } from '../../../channels/event/json.ts';
import { json } from '../../http/answers.ts';
import type { RouteContract } from '../../http/contract.ts';
import { schemaBody } from '../../http/request-body.ts';
import { type Route, route, type SignedInRequest } from '../../http/route.ts';
import type { OpaqueIds } from '../../sealing/opaque-ids.ts';
import { repeatableOf } from '../resources/repeatable.ts';
import type { AssetBatch } from './asset-batch.ts';

const path = '/v1/assets:batch';
const maxBytes = 4 * 1024 * 1024;

const contract: RouteContract<typeof path> = {
  ...{
    id: 'batchAssets',
    group: 'Assets',
    summary: 'Change up to 500 assets, each with a result of its own',
    params: {},
  },
  description: 'There is no way to have all or none: what is refused is in its result, and the others are done.',
  headers: ['idempotency-key'],
  errors: ['filter-too-large', 'storage-unavailable'],
};

const body = schemaBody({
  ...{ maxBytes, schema: batchSchema },
  examples: {
    mixed: {
      operations: [
        { op: 'patch', urn: 'urn:gov:demo:orders', body: { domain: 'retail' } },
        { op: 'create', body: { name: 'Monthly report', type: 'dashboard' } },
      ],
    },
  },
});

/** Many changes of assets in one request. */
export function batchRoutes({ batch, ids }: { readonly batch: AssetBatch; readonly ids: OpaqueIds }): readonly Route[] {
  const run = async (request: SignedInRequest<unknown, { operations: readonly BatchOperation[] }>): Promise<object> => {
    const { principal, http } = request;
    const { operations } = await request.body();
    const key = http.headers['idempotency-key'];
    // each operation is remembered by its place, and with all that the request says: a digest, as that may be 4 MiB
    const said = key === undefined ? '' : ids.request(principal.tenant, canonicalJson(operations));
    const results = await batch.run(principal, operations, (index) =>
      repeatableOf(key, { principal, route: `POST ${path} ${index}`, body: said }, ids),
    );
    return { results };
  };
  return [
    route({
      ...{ method: 'POST', path, access: 'signed-in', contract, body, answer: json(batchAnswerSchema) },
      handle: run,
    }),
  ];
}
