import {
  assetListSchema,
  assetSchema,
  columnPageSchema,
  downloadLineSchema,
  editedSchema,
} from '../../../channels/contract/asset-schema.ts';
import { eventPageSchema } from '../../../channels/contract/event-schema.ts';
import { type Answer, jsonAnswer, jsonText, ownResponse } from '../../http/answers.ts';
import type { RouteContract, ValueContract } from '../../http/contract.ts';
import type { HttpResponse } from '../../transport/http.ts';

const urn: ValueContract = { about: 'The urn of the asset, percent-encoded.', example: 'urn:gov:demo:orders' };
const ofOne = { group: 'Assets', params: { urn } } as const;
const editErrors = [
  ...(['not-found', 'forbidden', 'invalid-request', 'unsupported-media-type', 'precondition-failed'] as const),
  ...(['conflict', 'limit-exceeded', 'storage-unavailable', 'filter-too-large'] as const),
] as const;

type OneAsset = RouteContract<'/v1/assets/:urn'>;

export const getAsset: OneAsset = {
  ...ofOne,
  id: 'getAsset',
  summary: 'Read an asset',
  headers: ['if-none-match'],
  errors: ['not-found', 'filter-too-large', 'storage-unavailable'],
};

export const createAsset: RouteContract<'/v1/assets'> = {
  id: 'createAsset',
  group: 'Assets',
  summary: 'Create an asset that no source knows',
  params: {},
  headers: ['idempotency-key'],
  errors: [...editErrors, 'idempotency-mismatch'],
};

export const patchAsset: OneAsset = {
  ...ofOne,
  id: 'patchAsset',
  summary: 'Change what people say of an asset',
  description:
    'A merge patch (RFC 7396) of the keyed form, in which every list is an object by the keys of its members.',
  headers: ['if-match', 'idempotency-key'],
  errors: [...editErrors, 'idempotency-mismatch'],
};

export const replaceAsset: OneAsset = {
  ...ofOne,
  id: 'replaceAsset',
  summary: 'Make the body all that people say of an asset',
  requiredHeaders: ['if-match'],
  headers: ['idempotency-key'],
  errors: [...editErrors, 'idempotency-mismatch', 'precondition-required'],
};

export const deleteAsset: OneAsset = {
  ...ofOne,
  id: 'deleteAsset',
  summary: 'Delete an asset of people',
  requiredHeaders: ['if-match'],
  errors: [...editErrors, 'precondition-required'],
};

export const listAssets: RouteContract<'/v1/assets'> = {
  id: 'listAssets',
  group: 'Assets',
  summary: 'List assets, or download all of them',
  description: 'With `Accept: application/x-ndjson` all that match are sent, one a line, by urn.',
  params: {},
  errors: ['invalid-filter', 'filter-too-large', 'rate-limited', 'storage-unavailable'],
};

export const assetHistory: RouteContract<'/v1/assets/:urn/history'> = {
  ...ofOne,
  id: 'getAssetHistory',
  summary: 'Events of an asset, the newest first',
  errors: ['not-found', 'filter-too-large', 'storage-unavailable'],
};

export const assetColumns: RouteContract<'/v1/assets/:urn/columns'> = {
  ...ofOne,
  id: 'listAssetColumns',
  summary: 'Columns of an asset, page by page',
  errors: ['not-found', 'filter-too-large', 'storage-unavailable'],
};

const replayed = ['etag', 'idempotency-replayed'] as const;
const notModified = { status: 304, about: 'You have it already.', headers: ['etag'] } as const;

export const assetAnswer: Answer<HttpResponse> = ownResponse(
  jsonAnswer(assetSchema, { headers: ['etag'] }),
  notModified,
);
export const editedAnswer: Answer<HttpResponse> = ownResponse(jsonAnswer(editedSchema, { headers: replayed }));
export const createdAnswer: Answer<HttpResponse> = ownResponse(
  jsonAnswer(editedSchema, { status: 201, about: 'Created', headers: ['etag', 'location'] }),
  jsonAnswer(editedSchema, { about: 'It had been created before.', headers: ['location', ...replayed] }),
);
export const deletedAnswer: Answer<HttpResponse> = ownResponse({ status: 204, about: 'Deleted' });
export const listAnswer: Answer<HttpResponse> = ownResponse({
  status: 200,
  about: 'A page, or all as lines.',
  content: {
    'application/json': { schema: assetListSchema },
    'application/x-ndjson': { schema: downloadLineSchema },
  },
});
export const historyAnswer: Answer<string> = jsonText(eventPageSchema);
export { columnPageSchema };
