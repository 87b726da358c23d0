/* Terms, domains and teams as HTTP answers them: what wire-document.ts encodes. */
import { z } from 'zod';
import { conceptFields } from '../catalog/concept.ts';
import { type ConceptKind, conceptKinds } from '../event/head.ts';
import { ownerSchema, times } from './asset-schema.ts';
import { urnSchema } from './common-schema.ts';

const texts = {
  description: z.string().exactOptional(),
  parent: urnSchema.exactOptional(),
  glossary: z.string().exactOptional(),
  domain: z.string().exactOptional(),
  contact: z.string().exactOptional(),
};
const descriptions: Readonly<Record<ConceptKind, string>> = {
  term: 'A term of a glossary.',
  domain: 'A business domain.',
  team: 'A team.',
};

function conceptSchema(kind: ConceptKind): z.ZodObject {
  const fields = conceptFields[kind];
  return z
    .object({
      ...{ urn: urnSchema, kind: z.literal(kind), type: z.string(), name: z.string() },
      status: z.enum(fields.states),
      ...times,
      owners: z.array(ownerSchema),
      ...Object.fromEntries(fields.texts.map((field) => [field, texts[field]])),
      ...Object.fromEntries(fields.lists.map((field) => [field, z.array(z.string())])),
    })
    .meta({ id: kind.replace(/^./, (first) => first.toUpperCase()), description: descriptions[kind] });
}

export const conceptSchemas = {
  term: conceptSchema('term'),
  domain: conceptSchema('domain'),
  team: conceptSchema('team'),
};
export const anyConceptSchemas = conceptKinds.map((kind) => conceptSchemas[kind]);
