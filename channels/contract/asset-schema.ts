/*
 * Assets as HTTP answers them: what wire-document.ts encodes, for /v1/openapi.json. The tests hold every answer that they
 * see to these schemas. Objects are open, because a newer hub may add members.
 */
import { z } from 'zod';
import type { Owner, Property, QualityResult } from '../catalog/document.ts';
import { jsonValueSchema, timeSchema, urnSchema } from './common-schema.ts';

export const ownerSchema = z
  .object({ id: z.string(), type: z.enum(['user', 'group']), role: z.string().exactOptional() })
  .meta({ id: 'Owner' }) satisfies z.ZodType<Owner>;

const propertySchema = z
  .object({ key: z.string(), value: jsonValueSchema })
  .meta({ id: 'Property' }) satisfies z.ZodType<Property>;

export const qualitySchema = z
  .object({
    check: z.string(),
    status: z.enum(['passed', 'failed', 'warning']),
    message: z.string().exactOptional(),
    time: timeSchema,
  })
  .meta({ id: 'QualityResult' }) satisfies z.ZodType<QualityResult>;

export const classificationSchema = z
  .object({
    scheme: z.string(),
    name: z.string(),
    origin: z.enum(['manual', 'propagated', 'automated', 'derived', 'inherited', 'unknown']),
    state: z.enum(['confirmed', 'suggested']),
    level: z.int().exactOptional(),
    from: urnSchema.exactOptional(),
    attributes: z.record(z.string(), jsonValueSchema).exactOptional(),
  })
  .meta({ id: 'Classification', description: 'A tag.' });

const said = { by: z.string().exactOptional(), at: timeSchema };

/** What people say of one value, over what its sources say. */
function curatedValue<Schema extends z.ZodType>(value: Schema) {
  return z.object({ value: value.nullable(), source: value.nullable(), ...said });
}

function curatedList<Schema extends z.ZodType>(value: Schema) {
  const facts = { key: z.string(), source: value.exactOptional(), ...said };
  return z.object({ added: z.array(z.object({ ...facts, value })), removed: z.array(z.object(facts)) });
}

const curatedTag = z
  .object({
    scheme: z.string(),
    name: z.string(),
    state: z.enum(['confirmed', 'rejected']),
    level: z.int().exactOptional(),
    reason: z.string().exactOptional(),
    declassified: z.literal(true).exactOptional(),
    source: z.enum(['confirmed', 'suggested']).exactOptional(),
    sourceLevel: z.int().exactOptional(),
    ...said,
  })
  .meta({ id: 'CuratedTag' });

const curatedTags = z.object({
  added: z.array(curatedTag),
  removed: z.array(curatedTag),
  rejected: z.array(curatedTag),
});

const curatedColumn = {
  description: curatedValue(z.string()).exactOptional(),
  classifications: curatedTags.exactOptional(),
};

const curatedSchema = z
  .object({
    ...curatedColumn,
    domain: curatedValue(z.string()).exactOptional(),
    status: curatedValue(z.enum(['active', 'deprecated'])).exactOptional(),
    owners: curatedList(ownerSchema).exactOptional(),
    terms: curatedList(z.string()).exactOptional(),
    properties: curatedList(jsonValueSchema).exactOptional(),
  })
  .meta({ id: 'Curated', description: 'What people say, beside what the sources say under it.' });

export const columnSchema = z
  .object({
    key: z.string().meta({ description: 'Stable and opaque; survives a change of order.' }),
    name: z.string(),
    type: z.string().exactOptional(),
    description: z.string().exactOptional(),
    classifications: z.array(classificationSchema),
    curated: z.object(curatedColumn).exactOptional(),
  })
  .meta({ id: 'Column' });

const nativeSchema = z
  .object({
    type: z.string(),
    contentType: z.string(),
    data: jsonValueSchema,
    attributes: z.record(z.string(), jsonValueSchema).exactOptional(),
  })
  .meta({ description: 'The last message of a type that has no mapping, as it came.' });

/** Of all documents. */
export const times = { createdAt: timeSchema, updatedAt: timeSchema.exactOptional() };

const members = {
  urn: urnSchema,
  kind: z.literal('asset'),
  type: z.string(),
  name: z.string(),
  status: z.enum(['active', 'deprecated']),
  fqn: z.string().exactOptional(),
  platform: z.string().exactOptional(),
  domain: z.string().exactOptional(),
  ...times,
  parent: urnSchema.exactOptional(),
  description: z.string().exactOptional(),
  owners: z.array(ownerSchema),
  aliases: z.array(z.string()),
  terms: z.array(z.string()),
  properties: z.array(propertySchema),
  quality: z.array(qualitySchema),
  native: nativeSchema.exactOptional(),
  classifications: z.array(classificationSchema),
  columns: z.array(columnSchema),
  curated: curatedSchema.exactOptional(),
};

export const propertiesSchema = members.properties;

export const assetSchema = z
  .object(members)
  .meta({ id: 'Asset', description: 'An asset, with all members that you may see.' });

/** With `fields` only some members are there; `tags` is a member of heads, which the list does not have. */
const partialAssetSchema = z
  .object(members)
  .partial()
  .meta({ id: 'PartialAsset', description: 'An asset, with the members that `fields` names, or all.' });

export const etagSchema = z.string().meta({ description: 'Of the whole, with its quotes.' });

export const assetListSchema = z.object({
  assets: z.array(z.object({ asset: partialAssetSchema, etag: etagSchema })),
  next: z.string().exactOptional().meta({ description: '`after` of the next page; absent on the last one.' }),
});

/** One line of a download. */
export const downloadLineSchema = z.union([
  z.object({ asset: partialAssetSchema, etag: etagSchema }),
  z.object({ cursor: z.string() }),
  z.object({ end: z.literal(true), count: z.int(), cursor: z.string() }),
]);

export const columnPageSchema = z.object({
  columns: z.array(columnSchema),
  etag: etagSchema,
  next: z.string().exactOptional(),
});

/** What a change of one value was, as the event has it. */
export const opSchema = z
  .object({
    op: z.enum(['add', 'remove', 'replace']),
    path: z.string().meta({ description: 'JSON pointer; elements of lists stand by their keys.' }),
    old: jsonValueSchema.exactOptional(),
    new: jsonValueSchema.exactOptional(),
  })
  .meta({ id: 'Op' });

export const editedSchema = z
  .object({
    asset: assetSchema,
    etag: etagSchema,
    changes: z.array(opSchema),
    event: z.string().nullable().meta({ description: 'Id of the event; null: nothing was altered.' }),
  })
  .meta({ id: 'Edited', description: 'The asset after a change.' });
