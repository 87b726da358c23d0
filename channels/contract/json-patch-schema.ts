import { z } from 'zod';
import { jsonValueSchema } from './common-schema.ts';

const pointer = z
  .string()
  .max(4096)
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'must be a JSON pointer, such as /owners/ada');
const value = jsonValueSchema;

const operationSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('add'), path: pointer, value }),
  z.strictObject({ op: z.literal('replace'), path: pointer, value }),
  z.strictObject({ op: z.literal('remove'), path: pointer }),
  z.strictObject({ op: z.literal('move'), path: pointer, from: pointer }),
  z.strictObject({ op: z.literal('copy'), path: pointer, from: pointer }),
  z.strictObject({ op: z.literal('test'), path: pointer, value }),
]);
/** One operation of RFC 6902. */
export type PatchOperation = z.infer<typeof operationSchema>;

/** `application/json-patch+json` */
export const jsonPatchSchema = z
  .array(operationSchema)
  .min(1)
  .max(500)
  .meta({ id: 'JsonPatch', description: 'Operations of RFC 6902 on the keyed form.' });
