import { z } from 'zod';
import { documentLimits as limits } from '../catalog/limits.ts';
import { jsonObjectSchema, wireErrorSchema } from './common-schema.ts';
import { jsonPatchSchema } from './json-patch-schema.ts';

/** Operations of one request. */
export const maxOperations = 500;

const urn = z.string().min(1).max(limits.urnLength);
const ifMatch = z.string().max(200).exactOptional();
/** What is in it is read when the asset is known, as with PATCH. */
const members = jsonObjectSchema;

const operationSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('create'), body: members }),
  z.strictObject({ op: z.literal('patch'), urn, body: z.union([members, jsonPatchSchema]), ifMatch }),
  z.strictObject({ op: z.literal('put'), urn, body: members, ifMatch }),
  z.strictObject({ op: z.literal('delete'), urn, ifMatch }),
]);

/** One of a batch. */
export type BatchOperation = z.infer<typeof operationSchema>;

export const batchSchema = z
  .strictObject({ operations: z.array(operationSchema).min(1).max(maxOperations) })
  .meta({ id: 'AssetBatch', description: 'Operations on assets; those on one asset are done in their order.' });

const named = { op: z.enum(['create', 'patch', 'put', 'delete']), urn: urn.exactOptional() };
const resultSchema = z
  .discriminatedUnion('result', [
    z.object({
      ...named,
      result: z.literal('done'),
      event: z.string().nullable().meta({ description: 'Id of the event; null: nothing was altered.' }),
      etag: z.string().exactOptional().meta({ description: 'Of the asset afterwards; absent if it was deleted.' }),
    }),
    z.object({ ...named, result: z.literal('repeated'), etag: z.string().exactOptional() }),
    z.object({ ...named, result: z.literal('refused'), error: wireErrorSchema }),
  ])
  .meta({ id: 'BatchResult' });

/** What has become of one operation. `repeated`: it was done by an earlier request with the same key. */
export type BatchResult = z.infer<typeof resultSchema>;

export const batchAnswerSchema = z.object({ results: z.array(resultSchema) });
