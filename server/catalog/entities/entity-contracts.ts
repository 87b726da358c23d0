import type { z } from 'zod';
import { conceptSchemas } from '../../../channels/contract/concept-schema.ts';
import {
  alertAnswerSchema,
  definitionAnswerSchema,
  relationshipAnswerSchema,
} from '../../../channels/contract/document-schema.ts';
import { bodySchemas, editedEntitySchema, entityListSchema } from '../../../channels/contract/entity-schema.ts';
import type { EditableKind } from '../../../channels/catalog/entity-edit.ts';
import type { PatchOperation } from '../../../channels/contract/json-patch-schema.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { RouteGroup } from '../../http/contract.ts';
import { objectBody, patchBodyOf } from '../contracts/edit-bodies.ts';
import { contractsOf, type ResourceBodies, type ResourceContracts } from '../resources/resource-contracts.ts';

interface KindFacts {
  readonly group: RouteGroup;
  readonly whole: z.ZodObject;
  /** urn of one. */
  readonly example: string;
}

const kinds: Readonly<Record<EditableKind | 'alert', KindFacts>> = {
  relationship: {
    group: 'Relationships',
    whole: relationshipAnswerSchema,
    example: 'urn:gov:demo:relationship',
  },
  definition: {
    group: 'Definitions',
    whole: definitionAnswerSchema,
    example: 'urn:gov:classification:geo:city',
  },
  term: { group: 'Terms, domains and teams', whole: conceptSchemas.term, example: 'urn:gov:term:balance' },
  domain: { group: 'Terms, domains and teams', whole: conceptSchemas.domain, example: 'urn:gov:domain:retail' },
  team: { group: 'Terms, domains and teams', whole: conceptSchemas.team, example: 'urn:gov:team:payments' },
  alert: { group: 'Alerts', whole: alertAnswerSchema, example: 'urn:gov:demo:late' },
};

export function entityContracts(kind: EditableKind | 'alert'): ResourceContracts {
  const { group, whole, example } = kinds[kind];
  const list = entityListSchema(kind, whole);
  return contractsOf({ kind, group, example, whole, list, edited: editedEntitySchema(kind, whole) });
}

interface Examples {
  readonly create: JsonObject;
  readonly patch: JsonObject;
  readonly operations: readonly PatchOperation[];
  readonly replace: JsonObject;
}

const examples: Readonly<Record<EditableKind, Examples>> = {
  relationship: {
    create: { type: 'feeds', from: 'urn:gov:demo:orders', to: 'urn:gov:demo:orders', lineage: true },
    patch: { properties: { on: 'customer_id' } },
    operations: [{ op: 'add', path: '/properties/on', value: 'customer_id' }],
    replace: { lineage: false, properties: { on: 'id' } },
  },
  definition: {
    create: { scheme: 'geo', name: 'street', parents: { city: {} }, level: 2 },
    patch: { description: 'Names of cities', parents: { country: {} } },
    operations: [{ op: 'add', path: '/description', value: 'Names of cities' }],
    replace: { description: 'Names of cities' },
  },
  term: {
    create: { name: 'Overdraft', glossary: 'Banking', domain: 'retail', synonyms: { 'red figures': {} } },
    patch: { status: 'approved', owners: { ada: {}, bob: null }, relatedTerms: { overdraft: {} } },
    operations: [
      { op: 'add', path: '/status', value: 'approved' },
      { op: 'add', path: '/synonyms/saldo', value: {} },
    ],
    replace: { name: 'Balance', description: 'What is left on an account' },
  },
  domain: {
    create: { name: 'Lending', parent: 'retail', experts: { ada: {} } },
    patch: { description: 'Accounts of people', owners: { ada: { role: 'owner' } } },
    operations: [{ op: 'add', path: '/experts/ada', value: {} }],
    replace: { name: 'Retail banking' },
  },
  team: {
    create: { name: 'Cards', contact: 'cards@example.com', members: { ada: {} } },
    patch: { members: { ada: {}, bob: null }, contact: null },
    operations: [{ op: 'add', path: '/members/eve', value: {} }],
    replace: { name: 'Payments', members: { ada: {} } },
  },
};

/** What is in them is read when the entity is known. */
export function entityBodies(kind: EditableKind): ResourceBodies {
  const { create, edit } = bodySchemas(kind);
  const example = examples[kind];
  return {
    create: objectBody(create, 'application/json', { usual: example.create }),
    patch: patchBodyOf(edit, { merge: { usual: example.patch }, operations: { usual: example.operations } }),
    replace: objectBody(edit, 'application/json', { usual: example.replace }),
  };
}
