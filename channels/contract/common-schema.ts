import { z } from 'zod';
import type { JsonObject, JsonValue } from '../event/json.ts';
import { isJsonObject } from '../event/json.ts';
import { errorCodes, isErrorCode } from '../protocol/error-code.ts';

/** Any JSON value. */
export const jsonValueSchema = z
  .custom<JsonValue>((value) => value !== undefined)
  .meta({ description: 'Any JSON value.' });
export const jsonObjectSchema = z.custom<JsonObject>(isJsonObject).meta({ type: 'object' });

/** RFC 3339, UTC, milliseconds. */
export const timeSchema = z.string().meta({ format: 'date-time' });
export const urnSchema = z.string().meta({ description: 'Identity of an entity.', examples: ['urn:gov:demo:orders'] });

/** Conditions on entities; the parser of filters names what is wrong in them. */
export const filterSchema = jsonObjectSchema.meta({
  id: 'Filter',
  type: 'object',
  description: "Conditions on the head of entities, in a subset of MongoDB's query language: docs/protocol.md#filters.",
});

export const errorCodeSchema = z
  .enum(Object.keys(errorCodes).filter(isErrorCode))
  .meta({ id: 'ErrorCode', description: 'One of the closed list of codes.' });

/** An error inside of an answer, or on a WebSocket. */
export const wireErrorSchema = z
  .object({
    code: errorCodeSchema,
    message: z.string(),
    retryable: z.boolean(),
    retryAfterMs: z.number().exactOptional(),
    details: z.record(z.string(), z.unknown()).exactOptional(),
  })
  .meta({ id: 'WireError' });

/** Body of every error answer: RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'Path of a page about the code.' }),
    title: z.string().meta({ description: 'What the code means.' }),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong with this request: the field, and what to do.' }),
    code: errorCodeSchema,
    retryable: z.boolean().meta({ description: 'The same request may succeed later.' }),
    retryAfterMs: z.number().exactOptional(),
    details: jsonObjectSchema.exactOptional(),
  })
  .meta({ id: 'Problem', description: 'Problem details of RFC 9457, with the code of the error.' });
