import { documentLimits } from '../../../channels/catalog/limits.ts';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../../../channels/event/json.ts';
import { isName } from '../text-bounds.ts';

/**
 * What an empty list says. In a header most sources leave lists empty that they do not fill, so only a `filled` one is
 * the list; in what a message says has changed, an empty one is what is left.
 */
export type EmptyList = 'filled' | 'whole';

/** A term is known by its guid, which stays when it is renamed; where there is none, by its name. */
function termOf(value: JsonValue): string | undefined {
  const [first] = (
    isJsonObject(value) ? [value['termGuid'], value['guid'], value['displayText'], value['name']] : [value]
  ).filter((each) => isName(each, documentLimits.idLength));
  return first;
}

/** An assignment that was taken away may still be listed as such. */
function isAssigned(value: JsonValue): boolean {
  return !isJsonObject(value) || value['relationshipStatus'] !== 'DELETED';
}

/**
 * The terms of an entity, from the first of its lists that says something. undefined: none does. Terms of any form that
 * cannot be kept, and those beyond what a document holds, are left out: they must not keep a tag from being seen.
 */
export function readTerms(entity: JsonObject, relations: JsonObject, empty: EmptyList): readonly string[] | undefined {
  const lists = [relations['meanings'], entity['meanings'], entity['meaningNames']];
  const said = lists.filter(isJsonList).find((list) => list.length > 0);
  if (said === undefined) return empty === 'whole' && lists.some((list) => list !== undefined) ? [] : undefined;
  const terms = said.filter(isAssigned).flatMap((each) => termOf(each) ?? []);
  return [...new Set(terms)].slice(0, documentLimits.terms);
}
