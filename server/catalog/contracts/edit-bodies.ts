import type { z } from 'zod';
import { assetPatchSchema, newAssetSchema } from '../../../channels/contract/keyed-schema.ts';
import { isJsonObject, type JsonObject } from '../../../channels/event/json.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { type BodyDeclaration, jsonBody } from '../../http/request-body.ts';
import type { ResourceBodies } from '../resources/resource-contracts.ts';

export const maxPatchBytes = 64 * 1024;

function parseObject(value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  throw new HubError('invalid-request', 'body: must be a JSON object');
}

type Examples = Readonly<Record<string, JsonObject>>;

/** A body that the command reads. */
export function objectBody(schema: z.ZodType, mediaType: string, examples: Examples): BodyDeclaration<JsonObject> {
  return jsonBody({ maxBytes: maxPatchBytes, parse: parseObject, schema, mediaType, examples });
}

/** What is in it is read when the asset is known. */
const patch = objectBody(assetPatchSchema, 'application/merge-patch+json', {
  values: { description: 'Orders of the shop', domain: 'retail', properties: { retention: 'P3Y' } },
  members: { owners: { ada: { type: 'user' }, bob: null }, classifications: { 'pii/email': { state: 'confirmed' } } },
});

const replace = objectBody(assetPatchSchema, 'application/json', {
  words: { description: 'Orders of the shop', owners: { ada: {} } },
});

const create = objectBody(newAssetSchema, 'application/json', {
  dashboard: {
    ...{ name: 'Weekly report', type: 'dashboard', owners: { ada: {} } },
    columns: { total: { type: 'decimal' } },
  },
});

export const assetBodies: ResourceBodies = { create, patch, replace };
