import { impactSchema, lineageSchema } from '../../../channels/contract/lineage-schema.ts';
import { json } from '../../http/answers.ts';
import type { RouteContract, ValueContract } from '../../http/contract.ts';

const urn: ValueContract = { about: 'The urn of the asset, percent-encoded.', example: 'urn:gov:demo:orders' };
const common = {
  group: 'Assets',
  params: { urn },
  errors: ['not-found', 'filter-too-large', 'rate-limited', 'storage-unavailable'],
} as const;

export const lineageContract: RouteContract<'/v1/assets/:urn/lineage'> = {
  ...common,
  id: 'getAssetLineage',
  summary: 'What leads to an asset, and what depends on it',
};
export const lineageAnswer = json(lineageSchema);

export const impactContract: RouteContract<'/v1/assets/:urn/impact'> = {
  ...common,
  id: 'getAssetImpact',
  summary: 'What depends on an asset, in numbers, and who owns it',
};
export const impactAnswer = json(impactSchema);
