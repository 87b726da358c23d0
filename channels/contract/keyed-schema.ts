/*
 * Bodies that change an asset, as clients are told of them. They are read by parseKeyedPatch and parseIdentity, which
 * know the asset; keyed-schema.test.ts has both read the same examples.
 */
import { z } from 'zod';
import { documentLimits as limits } from '../catalog/limits.ts';
import type { DocumentKind } from '../event/head.ts';
import { classificationSchema, columnSchema, ownerSchema, qualitySchema } from './asset-schema.ts';
import { jsonValueSchema } from './common-schema.ts';

const id = z.string().min(1).max(limits.idLength);
const key = z.string().min(1);
const textOrNull = (maxLength: number): z.ZodType => z.string().max(maxLength).nullable();

const tagWord = z
  .strictObject({
    state: z.enum(['confirmed', 'rejected']).exactOptional(),
    level: z.int().min(0).max(1000).exactOptional(),
    reason: textOrNull(limits.nameLength).exactOptional(),
  })
  .nullable();
const classifications = z
  .record(key, tagWord)
  .meta({ description: 'By `scheme/name`; null: people say nothing of it.' });

export const ownersBody = z
  .record(
    key,
    z
      .strictObject({
        type: z.enum(['user', 'group']).exactOptional(),
        role: textOrNull(limits.idLength).exactOptional(),
      })
      .nullable(),
  )
  .exactOptional()
  .meta({ description: 'By id; null: not an owner, whatever the source says.' });
export const propertiesBody = z.record(key, jsonValueSchema).exactOptional();

const said = {
  description: textOrNull(limits.textLength).exactOptional(),
  domain: textOrNull(limits.idLength).exactOptional(),
  status: z.enum(['active', 'deprecated']).nullable().exactOptional(),
  owners: ownersBody,
  terms: z.record(key, z.strictObject({}).nullable()).exactOptional(),
  properties: propertiesBody,
  classifications: classifications.exactOptional(),
};

const columnMembers = {
  description: textOrNull(limits.textLength).exactOptional(),
  classifications: classifications.exactOptional(),
};

const optionalName = (maxLength: number): z.ZodType => z.string().min(1).max(maxLength).nullable();

/** What only its source says of an asset: of assets of people, people. */
const identity = {
  fqn: optionalName(limits.nameLength).exactOptional(),
  platform: optionalName(limits.idLength).exactOptional(),
  parent: optionalName(limits.urnLength).exactOptional(),
  columns: z
    .record(key, z.strictObject({ type: optionalName(limits.nameLength).exactOptional(), ...columnMembers }).nullable())
    .exactOptional()
    .meta({ description: 'By key or name; null and `type` only for assets of people.' }),
};
const name = z.string().min(1).max(limits.nameLength);

/** What PATCH and PUT take. */
export const assetPatchSchema = z
  .strictObject({ name: name.exactOptional(), type: id.exactOptional(), ...identity, ...said })
  .meta({
    id: 'AssetPatch',
    description: 'The keyed form: every list is an object by the keys of its members. null removes a member.',
  });

/** What POST takes. */
export const newAssetSchema = z.strictObject({ name, type: id, ...identity, ...said }).meta({ id: 'NewAsset' });

/** Of the keyed form, for `Accept`. */
export const keyedMediaType = 'application/vnd.pursight.keyed+json';

const tags = z.record(z.string(), classificationSchema.omit({ scheme: true, name: true }));
const names = z.record(z.string(), z.object({}));

/** Lists of entities of any kind as objects. */
const keyedLists: Readonly<Record<string, z.ZodType>> = {
  owners: z.record(z.string(), ownerSchema.omit({ id: true })),
  properties: z.record(z.string(), jsonValueSchema),
  quality: z.record(z.string(), qualitySchema.omit({ check: true })),
  classifications: tags,
  columns: z.record(z.string(), z.object({ ...columnSchema.shape, classifications: tags })),
  ...{ aliases: names, terms: names, synonyms: names, relatedTerms: names, experts: names, members: names },
  ...{ parents: names, assignees: names },
};

/** What `GET` answers with that type: an entity whose lists are objects by the keys that a patch takes. */
export function keyedSchemaOf(kind: DocumentKind, { shape }: z.ZodObject): z.ZodType {
  const lists = Object.entries(keyedLists).filter(([name]) => name in shape);
  return z.object({ ...shape, ...Object.fromEntries(lists) }).meta({
    id: `Keyed${kind.replace(/^./, (first) => first.toUpperCase())}`,
    description: `The form in which a ${kind} is patched.`,
  });
}
