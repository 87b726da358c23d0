import type { ConceptPatch, ListChange } from '../../../channels/catalog/change.ts';
import { conceptFields } from '../../../channels/catalog/concept.ts';
import { documentLimits as limits } from '../../../channels/catalog/limits.ts';
import type { ConceptKind } from '../../../channels/event/head.ts';
import type { JsonObject } from '../../../channels/event/json.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import {
  asBoolean,
  asId,
  asName,
  asOneOf,
  asText,
  assertKnown,
  defined,
  type Field,
  member,
  nullable,
  optional,
} from '../fields.ts';
import { referenceUrn } from '../urn.ts';
import { readListChange, readOwners } from './list-change.ts';

type Texts = (read: (field: Field) => string, max: number) => (field: Field) => ListChange<string, string>;

const textList: Texts = (read, max) => (field) =>
  readListChange<string, string>(field, { item: read, key: read, same: (text) => text, max });

/** What a source says of a term, domain or team. */
interface ConceptWord {
  readonly deleted: boolean;
  readonly patch: ConceptPatch;
}

/** Fields of other kinds are unknown ones. @throws HubError invalid-message, limit-exceeded */
export function readConcept(kind: ConceptKind, data: JsonObject, profile: ConnectorProfile): ConceptWord {
  const { texts, lists, states } = conceptFields[kind];
  assertKnown(data, ['name', 'type', 'owners', 'status', 'deleted', ...texts, ...lists], 'data');
  const at = (key: keyof ConceptPatch | 'deleted'): Field => member(data, key, 'data');
  const name = (field: Field): string => asName(field);
  const reference = (field: Field): string => referenceUrn(profile, asName(field), field.path);
  const patch = {
    name: optional(at('name'), name),
    type: optional(at('type'), asId),
    description: nullable(at('description'), (field) => asText(field)),
    parent: nullable(at('parent'), reference),
    glossary: nullable(at('glossary'), name),
    domain: nullable(at('domain'), asId),
    contact: nullable(at('contact'), name),
    owners: optional(at('owners'), readOwners),
    synonyms: optional(at('synonyms'), textList(name, limits.synonyms)),
    relatedTerms: optional(at('relatedTerms'), textList(reference, limits.relatedTerms)),
    experts: optional(at('experts'), textList(asId, limits.owners)),
    members: optional(at('members'), textList(asId, limits.members)),
    status: optional(at('status'), (field) => asOneOf(field, states)),
  };
  return { deleted: optional(at('deleted'), asBoolean) ?? false, patch: defined(patch) };
}
