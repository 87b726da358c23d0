/* Lists and edits of any kind but assets, and the bodies of edits, which entity-edit.ts reads. */
import { z } from 'zod';

import { conceptFields, isConceptKind } from '../catalog/concept.ts';
import type { EditableKind } from '../catalog/entity-edit.ts';
import { documentLimits as limits } from '../catalog/limits.ts';
import type { ConceptKind, DocumentKind } from '../event/head.ts';
import { etagSchema, opSchema } from './asset-schema.ts';
import { ownersBody, propertiesBody } from './keyed-schema.ts';

function nameOf(kind: DocumentKind): string {
  return kind.replace(/^./, (first) => first.toUpperCase());
}

/** Of entities of a kind, with all members or those that `fields` names. */
export function entityListSchema(kind: DocumentKind, whole: z.ZodObject): z.ZodType {
  const partial = whole
    .partial()
    .meta({ id: `Partial${nameOf(kind)}`, description: 'With the members that `fields` names, or all.' });
  return z.object({
    [`${kind}s`]: z.array(z.object({ [kind]: partial, etag: etagSchema })),
    next: z.string().exactOptional().meta({ description: '`after` of the next page; absent on the last one.' }),
  });
}

export function editedEntitySchema(kind: DocumentKind, whole: z.ZodObject): z.ZodType {
  return z
    .object({
      [kind]: whole,
      etag: etagSchema,
      changes: z.array(opSchema),
      event: z.string().nullable().meta({ description: 'Id of the event; null: nothing was altered.' }),
    })
    .meta({ id: `Edited${nameOf(kind)}`, description: `The ${kind} after a change.` });
}

const textOrNull = (maxLength: number) => z.string().max(maxLength).nullable().exactOptional();
const name = (maxLength: number) => z.string().min(1).max(maxLength);
const keys = z
  .record(z.string().min(1).max(limits.idLength), z.strictObject({}).nullable())
  .exactOptional()
  .meta({ description: 'By its members; null removes one.' });

const texts = {
  description: textOrNull(limits.textLength),
  parent: textOrNull(limits.urnLength).meta({ description: 'urn or id.' }),
  glossary: textOrNull(limits.nameLength),
  domain: textOrNull(limits.idLength),
  contact: textOrNull(limits.nameLength),
};

function conceptMembers(kind: ConceptKind): z.ZodRawShape {
  const fields = conceptFields[kind];
  return {
    type: textOrNull(limits.idLength),
    status: z.enum(fields.states).nullable().exactOptional(),
    owners: ownersBody,
    ...Object.fromEntries(fields.texts.map((field) => [field, texts[field]])),
    ...Object.fromEntries(fields.lists.map((field) => [field, keys])),
  };
}

interface BodySchemas {
  readonly create: z.ZodType;
  /** PATCH, and PUT, which removes what is not named. */
  readonly edit: z.ZodType;
}

const fixed = {
  relationship: { type: name(limits.idLength), from: name(limits.urnLength), to: name(limits.urnLength) },
  definition: { scheme: name(limits.idLength), name: name(limits.idLength) },
};
const changing = {
  relationship: { lineage: z.boolean().nullable().exactOptional(), properties: propertiesBody },
  definition: {
    parents: keys,
    level: z.int().min(0).max(1000).nullable().exactOptional(),
    description: textOrNull(limits.textLength),
  },
};

/** What people send to make and to change an entity of the kind. */
export function bodySchemas(kind: EditableKind): BodySchemas {
  const id = nameOf(kind);
  if (isConceptKind(kind)) {
    const members = conceptMembers(kind);
    const required = name(limits.nameLength);
    return {
      create: z.strictObject({ id: textOrNull(limits.idLength), name: required, ...members }).meta({ id: `New${id}` }),
      edit: z.strictObject({ name: required.exactOptional(), ...members }).meta({ id: `${id}Patch` }),
    };
  }
  const whole = z.strictObject({ ...fixed[kind], ...changing[kind] });
  const optional = Object.entries(fixed[kind]).map(([member, schema]) => [member, schema.exactOptional()]);
  return {
    create: whole.meta({ id: `New${id}` }),
    edit: z
      .strictObject({ ...Object.fromEntries(optional), ...changing[kind] })
      .meta({ id: `${id}Patch`, description: 'What it is from its beginning may be named as it is.' }),
  };
}
