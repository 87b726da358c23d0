import { z } from 'zod';
import { assetSchema, propertiesSchema, times } from './asset-schema.ts';
import { urnSchema } from './common-schema.ts';
import { anyConceptSchemas } from './concept-schema.ts';

const base = { urn: urnSchema, name: z.string(), status: z.string() };

export const relationshipAnswerSchema = z
  .object({
    ...base,
    kind: z.literal('relationship'),
    type: z.string(),
    ...times,
    from: urnSchema,
    to: urnSchema,
    lineage: z.boolean(),
    properties: propertiesSchema,
  })
  .meta({ id: 'Relationship', description: 'An edge between two entities.' });

export const alertAnswerSchema = z
  .object({
    ...base,
    kind: z.literal('alert'),
    type: z.string(),
    ...times,
    subject: urnSchema,
    severity: z.int(),
    message: z.string(),
    assignees: z.array(z.string()),
    reason: z.string().exactOptional(),
  })
  .meta({ id: 'Alert' });

export const definitionAnswerSchema = z
  .object({
    ...base,
    kind: z.literal('definition'),
    ...times,
    scheme: z.string(),
    parents: z.array(z.string()),
    level: z.int().exactOptional(),
    description: z.string().exactOptional(),
  })
  .meta({ id: 'Definition', description: 'The definition of a classification.' });

/** A document of any kind, as HTTP answers it. */
export const documentSchema = z
  .union([assetSchema, relationshipAnswerSchema, alertAnswerSchema, definitionAnswerSchema, ...anyConceptSchemas])
  .meta({ id: 'Document' });

export const documentPageSchema = z.object({
  documents: z.array(documentSchema),
  next: z.string().exactOptional(),
});
