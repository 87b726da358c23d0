import { z } from 'zod';
import {
  assetListSchema,
  assetSchema,
  columnPageSchema,
  downloadLineSchema,
  editedSchema,
} from '../../../channels/contract/asset-schema.ts';
import { eventPageSchema } from '../../../channels/contract/event-schema.ts';
import { type Answer, jsonText } from '../../http/answers.ts';
import type { RouteContract, ValueContract } from '../../http/contract.ts';
import { contractsOf } from '../resources/resource-contracts.ts';

const urn: ValueContract = { about: 'The urn of the asset, percent-encoded.', example: 'urn:gov:demo:orders' };
const ofOne = { group: 'Assets', params: { urn } } as const;
/** Of assets as of any kind. */
export const assetContracts = contractsOf({
  ...{ kind: 'asset', group: 'Assets', example: 'urn:gov:demo:orders' },
  ...{ whole: assetSchema, list: assetListSchema, edited: editedSchema },
  listContent: { 'application/x-ndjson': { schema: downloadLineSchema }, 'text/csv': { schema: z.string() } },
  summaries: {
    list: 'List assets, or download all of them',
    create: 'Create an asset that no source knows',
    patch: 'Change what people say of an asset',
    replace: 'Make the body all that people say of an asset',
  },
  listDescription: 'With `Accept: application/x-ndjson` or `text/csv` all that match are sent, one a line, by urn.',
});

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

export const historyAnswer: Answer<string> = jsonText(eventPageSchema);
export { columnPageSchema };
