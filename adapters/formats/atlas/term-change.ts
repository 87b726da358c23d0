import type { Change, ConceptPatch } from '../../../channels/catalog/change.ts';
import { conceptUrn } from '../../../channels/catalog/concept-name.ts';
import { documentLimits as limits } from '../../../channels/catalog/limits.ts';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../../../channels/event/json.ts';
import { withMembers } from '../../../channels/event/with-members.ts';
import { changeBase, type MessageFacts } from '../change-base.ts';
import { defined } from '../fields.ts';
import { boundedText, cutText, isName } from '../text-bounds.ts';
import { isOwnUrn } from '../urn.ts';
import type { EntityHeader } from './entity-header.ts';

/** The type of terms in Atlas and in what is built on it. */
const termType = 'AtlasGlossaryTerm';
const states: Readonly<Record<string, ConceptPatch['status']>> = {
  draft: 'draft',
  approved: 'approved',
  expired: 'deprecated',
  deprecated: 'deprecated',
};

function textIn(object: JsonObject, ...keys: readonly string[]): string | undefined {
  return keys
    .map((key) => (Object.hasOwn(object, key) ? object[key] : undefined))
    .find((value): value is string => typeof value === 'string' && value.trim() !== '');
}

function members(value: JsonValue | undefined, read: (item: JsonObject) => string | undefined): readonly string[] {
  const items = isJsonList(value) ? value.filter(isJsonObject) : [];
  return [...new Set(items.flatMap((item) => read(item) ?? []))];
}

/** `balance@Banking`: a term in its glossary. */
function glossaryOf({ attributes, relations }: EntityHeader): string | undefined {
  const { anchor } = relations;
  const named = isJsonObject(anchor) ? textIn(anchor, 'displayText') : undefined;
  const qualified = textIn(attributes, 'qualifiedName') ?? '';
  const at = qualified.lastIndexOf('@');
  return named ?? (at < 0 || at === qualified.length - 1 ? undefined : qualified.slice(at + 1));
}

function namesOf({ attributes, relations }: EntityHeader): readonly string[] {
  const others = members(relations['synonyms'], (term) => textIn(term, 'displayText'));
  const names = [textIn(attributes, 'abbreviation'), ...others];
  return [...new Set(names.flatMap((name) => (isName(name) ? [name] : [])))].slice(0, limits.synonyms);
}

function relatedTo({ relations }: EntityHeader): readonly string[] {
  const guids = ['seeAlso', 'preferredTerms', 'replacedBy'].flatMap((key) =>
    members(relations[key], (term) => (isName(term['guid'], limits.idLength) ? term['guid'] : undefined)),
  );
  return [...new Set(guids)].map((guid) => conceptUrn('term', guid)).slice(0, limits.relatedTerms);
}

/** Lists that are empty are left alone: most messages do not fill them. */
function patchOf(header: EntityHeader): ConceptPatch {
  const { attributes, displayText } = header;
  const name = textIn({ ...attributes, displayText: displayText ?? null }, 'name', 'displayText');
  const description = textIn(attributes, 'longDescription', 'shortDescription');
  const glossary = glossaryOf(header);
  const [synonyms, relatedTerms] = [namesOf(header), relatedTo(header)];
  return defined({
    name: name === undefined ? undefined : cutText(name, limits.nameLength),
    description: description === undefined ? undefined : boundedText(description),
    glossary: glossary === undefined ? undefined : cutText(glossary, limits.nameLength),
    status: states[textIn(attributes, 'status')?.toLowerCase() ?? ''] ?? 'approved',
    synonyms: synonyms.length === 0 ? undefined : ({ mode: 'state', list: synonyms } as const),
    relatedTerms: relatedTerms.length === 0 ? undefined : ({ mode: 'state', list: relatedTerms } as const),
  });
}

/**
 * An entity that is a term, at the urn to which the guids in the `terms` of assets refer. undefined for all others, and
 * for connectors that may not write there: to them it is an asset of its type.
 */
export function termChange(facts: MessageFacts, header: EntityHeader, isDeleted: boolean): Change | undefined {
  const { guid, typeName } = header;
  if (typeName !== termType) return undefined;
  const urn = conceptUrn('term', guid);
  if (!isOwnUrn(facts.profile, urn)) return undefined;
  const base = changeBase(facts, { urn, nativeId: guid, nativeType: typeName });
  if (isDeleted) return withMembers(base, { target: 'term', action: 'delete' } as const);
  return withMembers(base, { target: 'term', action: 'upsert', patch: patchOf(header) } as const);
}
