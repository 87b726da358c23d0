import { z } from 'zod';
import { isJsonObject, type JsonValue } from '../event/json.ts';
import type { ConceptKind } from '../event/head.ts';
import { HubError } from '../protocol/hub-error.ts';
import { conceptFields } from './concept.ts';
import type {
  AlertDocument,
  AssetDocument,
  CatalogDocument,
  Curated,
  DefinitionDocument,
  RelationshipDocument,
} from './document.ts';
import { documentLimits as limits } from './limits.ts';

/** Content of a document: everything but what the hub computes. */
type Content<D> = Omit<D, 'head' | 'version' | 'createdAt' | 'updatedAt'>;

const id = z.string().min(1).max(limits.idLength);
const name = z.string().min(1).max(limits.nameLength);
/** Stores keep urns in their keys, where control characters do not sort as they read; RFC 8141 has none. */
const urn = z
  .string()
  .min(1)
  .max(limits.urnLength)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters');
const text = z.string().max(limits.textLength);
/** RFC 3339, UTC, milliseconds: text order is time order. */
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'must be an RFC 3339 time in UTC with milliseconds');
const tag = z.string().min(1).max(limits.idLength);
/** JSON is checked where it is parsed; here only its size counts, as part of the whole document. */
const json = z.custom<JsonValue>((value) => value !== undefined);
const attributes = z.custom<{ readonly [key: string]: JsonValue }>(isJsonObject, 'must be an object');

const classificationShape = {
  scheme: tag,
  name: tag,
  level: z.number().int().min(0).max(1000).exactOptional(),
  origin: z.enum(['manual', 'propagated', 'automated', 'derived', 'inherited', 'unknown']),
  state: z.enum(['confirmed', 'suggested']),
  from: urn.exactOptional(),
  attributes: attributes.exactOptional(),
};
const sourcedClassification = z.strictObject({ ...classificationShape, connector: id });

const said = { by: id, at: time };
const curatedText = z.strictObject({ value: text.nullable(), source: text.exactOptional(), ...said });
const status = z.enum(['active', 'deprecated']);
const curatedTags = (max: number) =>
  z
    .array(
      z.strictObject({
        scheme: tag,
        name: tag,
        state: z.enum(['confirmed', 'rejected']),
        level: classificationShape.level,
        reason: name.exactOptional(),
        declassified: z.literal(true).exactOptional(),
        overruled: z.array(id).exactOptional(),
        hidden: z.array(sourcedClassification),
        ...said,
      }),
    )
    .max(max);
const owner = z.strictObject({ id, type: z.enum(['user', 'group']), role: id.exactOptional() });
const curatedColumn = {
  description: curatedText.exactOptional(),
  classifications: curatedTags(limits.curatedTagsPerColumn).exactOptional(),
};
const curated = z.strictObject({
  description: curatedText.exactOptional(),
  domain: z.strictObject({ value: id.nullable(), source: id.exactOptional(), ...said }).exactOptional(),
  status: z.strictObject({ value: status.nullable(), source: status.exactOptional(), ...said }).exactOptional(),
  owners: z
    .array(z.strictObject({ key: id, value: owner.nullable(), source: owner.exactOptional(), ...said }))
    .max(limits.curatedMembers)
    .exactOptional(),
  terms: z
    .array(z.strictObject({ key: id, value: id.nullable(), source: id.exactOptional(), ...said }))
    .max(limits.curatedMembers)
    .exactOptional(),
  properties: z
    .array(z.strictObject({ key: id, value: json.nullable(), source: json.exactOptional(), ...said }))
    .max(limits.curatedMembers)
    .exactOptional(),
  classifications: curatedTags(limits.curatedMembers).exactOptional(),
  absentColumns: z
    .array(z.strictObject({ name, ...curatedColumn }))
    .max(limits.columns)
    .exactOptional(),
}) satisfies z.ZodType<Curated>;

const base = {
  tenant: id,
  urn,
  connector: id,
  name,
  sources: z
    .array(
      z.strictObject({
        connector: id,
        nativeId: urn,
        nativeType: id.exactOptional(),
        time,
        sent: time.exactOptional(),
        place: name.exactOptional(),
        heardAt: time.exactOptional(),
      }),
    )
    .max(20),
};
/** What the hub itself has put together, of documents whose tags are bounded. */
const refLabels = z.strictObject({
  domains: z.array(id),
  tags: z.array(z.string()),
  confirmedTags: z.array(z.string()),
  unknown: z.literal(true).exactOptional(),
});
const property = z.strictObject({ key: z.string().min(1).max(limits.idLength), value: json });
const properties = z.array(property).max(limits.properties);

/** What counts is of both layers; what the sources say alone is bounded in source-limits.ts. */
const withPeople = {
  owners: limits.owners + limits.curatedMembers,
  terms: limits.terms + limits.curatedMembers,
  properties: limits.properties + limits.curatedMembers,
  classifications: limits.classifications + limits.curatedMembers,
} as const;

export const assetSchema = z.strictObject({
  ...base,
  kind: z.literal('asset'),
  type: id,
  fqn: name.exactOptional(),
  platform: id.exactOptional(),
  parent: urn.exactOptional(),
  description: text.exactOptional(),
  domain: id.exactOptional(),
  owners: z.array(owner).max(withPeople.owners),
  aliases: z.array(name).max(limits.aliases),
  classifications: z.array(sourcedClassification).max(withPeople.classifications),
  columns: z
    .array(
      z.strictObject({
        key: id,
        name,
        type: name.exactOptional(),
        description: text.exactOptional(),
        classifications: z
          .array(sourcedClassification)
          .max(limits.classificationsPerColumn + limits.curatedTagsPerColumn),
        curated: z.strictObject(curatedColumn).exactOptional(),
      }),
    )
    .max(limits.columns),
  terms: z.array(id).max(withPeople.terms),
  properties: z.array(property).max(withPeople.properties),
  quality: z
    .array(
      z.strictObject({
        check: id,
        status: z.enum(['passed', 'failed', 'warning']),
        message: text.exactOptional(),
        time,
      }),
    )
    .max(limits.quality),
  status: z.enum(['active', 'deprecated', 'deleted', 'purged']),
  native: z
    .strictObject({ type: name, contentType: id, data: json, attributes: attributes.exactOptional() })
    .exactOptional(),
  curated: curated.exactOptional(),
}) satisfies z.ZodType<Content<AssetDocument>>;

export const relationshipSchema = z.strictObject({
  ...base,
  kind: z.literal('relationship'),
  type: id,
  from: urn,
  to: urn,
  lineage: z.boolean(),
  properties,
  refLabels: refLabels.exactOptional(),
  status: z.enum(['active', 'deleted']),
}) satisfies z.ZodType<Content<RelationshipDocument>>;

export const alertSchema = z.strictObject({
  ...base,
  kind: z.literal('alert'),
  type: id,
  subject: urn,
  severity: z.number().int().min(1).max(24),
  message: text,
  assignees: z.array(id).max(limits.assignees),
  reason: text.exactOptional(),
  refLabels: refLabels.exactOptional(),
  status: z.enum(['open', 'acknowledged', 'assigned', 'resolved', 'deleted']),
}) satisfies z.ZodType<Content<AlertDocument>>;

export const definitionSchema = z.strictObject({
  ...base,
  kind: z.literal('definition'),
  scheme: tag,
  parents: z.array(tag).max(limits.parents),
  level: z.number().int().min(0).max(1000).exactOptional(),
  description: text.exactOptional(),
  status: z.enum(['active', 'deleted']),
}) satisfies z.ZodType<Content<DefinitionDocument>>;

/** Texts of a concept; its lists are of ids, urns among them. */
const conceptTexts = { description: text, parent: urn, glossary: name, domain: id, contact: name } as const;
const conceptLists = {
  synonyms: z.array(name).max(limits.synonyms),
  relatedTerms: z.array(urn).max(limits.relatedTerms),
  experts: z.array(id).max(limits.owners),
  members: z.array(id).max(limits.members),
} as const;

function conceptSchema(kind: ConceptKind): z.ZodObject {
  const { texts, lists, states } = conceptFields[kind];
  return z.strictObject({
    ...base,
    kind: z.literal(kind),
    type: id,
    owners: z.array(owner).max(limits.owners),
    status: z.enum([...states, 'deleted']),
    ...Object.fromEntries(texts.map((field) => [field, conceptTexts[field].exactOptional()])),
    ...Object.fromEntries(lists.map((field) => [field, conceptLists[field].exactOptional()])),
  });
}

const schemas = {
  asset: assetSchema,
  relationship: relationshipSchema,
  alert: alertSchema,
  definition: definitionSchema,
  term: conceptSchema('term'),
  domain: conceptSchema('domain'),
  team: conceptSchema('team'),
};
/** Too many or too long; a number that is too high is just wrong. */
function isSize(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'too_big' && issue.origin !== 'number' && issue.origin !== 'int';
}

function place(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

/** Field by field, so that what was checked when the document was stored is not checked again with each of its changes. */
function firstIssue(content: Content<CatalogDocument>, checked: ReadonlySet<string>): z.core.$ZodIssue | undefined {
  const schema = schemas[content.kind];
  const fields: Readonly<Record<string, z.ZodType>> = schema.shape;
  if (checked.size === 0) return schema.safeParse(content).error?.issues[0];
  for (const [field, value] of Object.entries(content)) {
    if (checked.has(field)) continue;
    const issue = (fields[field] ?? z.never()).safeParse(value).error?.issues[0];
    if (issue !== undefined) return { ...issue, path: [field, ...issue.path] };
  }
  return undefined;
}

/**
 * Checks the content of a document; `checked` are fields that are as in the stored document, which was checked before.
 * @throws HubError limit-exceeded for a count or length, invalid-message for anything else; both name the field
 */
export function assertDocument(content: Content<CatalogDocument>, checked: ReadonlySet<string> = new Set()): void {
  const issue = firstIssue(content, checked);
  if (issue !== undefined) {
    const code = isSize(issue) ? 'limit-exceeded' : 'invalid-message';
    throw new HubError(code, `${content.kind}.${place(issue.path)}: ${issue.message}`, {
      publicDetails: { urn: content.urn },
    });
  }
}
