import type { z } from 'zod';
import { mergePatchOf } from '../../../channels/catalog/json-patch.ts';
import { jsonPatchSchema, type PatchOperation } from '../../../channels/contract/json-patch-schema.ts';
import { assetPatchSchema, newAssetSchema } from '../../../channels/contract/keyed-schema.ts';
import { isJsonObject, jsonOf, type JsonObject } from '../../../channels/event/json.ts';
import { HubError } from '../../../channels/protocol/hub-error.ts';
import { type BodyDeclaration, jsonBody, schemaBody } from '../../http/request-body.ts';
import type { HttpRequest } from '../../transport/http.ts';
import type { PatchBody, ResourceBodies } from '../resources/resource-contracts.ts';

export const maxPatchBytes = 64 * 1024;

function isOfType({ headers }: HttpRequest, expected: string): boolean {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() === expected;
}

/** @throws HubError unsupported-media-type */
export function assertMediaType(http: HttpRequest, expected: string): void {
  if (!isOfType(http, expected)) throw new HubError('unsupported-media-type', `content-type: must be ${expected}`);
}

function parseObject(value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  throw new HubError('invalid-request', 'body: must be a JSON object');
}

type Examples = Readonly<Record<string, JsonObject>>;

/** A body that the command reads. */
export function objectBody(schema: z.ZodType, mediaType: string, examples: Examples): BodyDeclaration<JsonObject> {
  return jsonBody({ maxBytes: maxPatchBytes, parse: parseObject, schema, mediaType, examples });
}

const [mergePatch, jsonPatch] = ['application/merge-patch+json', 'application/json-patch+json'] as const;

interface PatchExamples {
  readonly merge: Examples;
  readonly operations: Readonly<Record<string, readonly PatchOperation[]>>;
}

/** The body of PATCH in either form. What is in it is read when the entity is known. */
export function patchBodyOf(schema: z.ZodType, { merge, operations }: PatchExamples): BodyDeclaration<PatchBody> {
  const merged = objectBody(schema, mergePatch, merge);
  const common = { maxBytes: maxPatchBytes, schema: jsonPatchSchema, mediaType: jsonPatch };
  const listed = schemaBody({ ...common, examples: operations });
  return {
    read: async (http) => {
      if (isOfType(http, mergePatch)) {
        const body = await merged.read(http);
        return { raw: body, body };
      }
      if (!isOfType(http, jsonPatch))
        throw new HubError('unsupported-media-type', `content-type: must be ${mergePatch} or ${jsonPatch}`);
      const read = await listed.read(http);
      return { raw: jsonOf(read), body: (keyed) => mergePatchOf(read, keyed) };
    },
    contract: {
      content: { ...merged.contract?.content, ...listed.contract?.content },
      isOptional: false,
      errors: merged.contract?.errors ?? [],
    },
  };
}

const patch = patchBodyOf(assetPatchSchema, {
  merge: {
    values: { description: 'Orders of the shop', domain: 'retail', properties: { retention: 'P3Y' } },
    members: { owners: { ada: { type: 'user' }, bob: null }, classifications: { 'pii/email': { state: 'confirmed' } } },
  },
  operations: {
    tested: [
      { op: 'test', path: '/domain', value: 'retail' },
      { op: 'add', path: '/owners/eve', value: { type: 'user' } },
    ],
  },
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
