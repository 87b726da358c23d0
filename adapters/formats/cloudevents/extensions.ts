import { isJsonObject, type JsonObject, type JsonValue } from '../../../channels/event/json.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import { exceeded, invalid } from '../faults.ts';
import { asJsonObject } from '../json-bounds.ts';
import { isName } from '../text-bounds.ts';

/** Where an attribute stood, in the sender's words: `subject`, `ce_subject`, `ce-subject`. */
export type PathOf = (name: string) => string;

const maxAttributes = 100;

/** Attributes with a meaning to the hub. */
const meant = [
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'authid',
  'authtype',
  'correlationid',
  'causationid',
  'severitynumber',
] as const;
const isMeant: ReadonlySet<string> = new Set(meant);
/** What a name may be a misspelling of. */
const nearby: ReadonlyMap<string, string> = new Map(
  [...meant, 'data', 'data_base64'].map((name) => [name.replace('_', ''), name]),
);

/**
 * Names are to be of a-z and 0-9; many senders write others, and what they mean is theirs. But one that only differs in
 * its writing from an attribute with a meaning would lose that without a word.
 */
function assertName(name: string, pathOf: PathOf): void {
  if (/^[a-z0-9]{1,256}$/.test(name)) return;
  const path = pathOf(name.slice(0, 100));
  if (!isName(name, documentLimits.idLength))
    throw invalid(path, `is not an attribute name: it must have 1 to ${documentLimits.idLength} printable characters`);
  const meaning = nearby.get(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
  if (meaning !== undefined)
    throw invalid(path, `is not an attribute name: only a-z and 0-9 are allowed; write ${pathOf(meaning)}`);
}

/** A number that no double holds has a text form, as every attribute has. */
function plain(value: JsonValue): JsonValue {
  const exact = isJsonObject(value) ? value['exactNumber'] : undefined;
  return typeof exact === 'string' ? exact : value;
}

/**
 * The attributes that are set: members that are null are not.
 * @throws HubError invalid-message, limit-exceeded
 */
export function setAttributes(event: JsonObject, pathOf: PathOf, isAttribute: (name: string) => boolean): JsonObject {
  const set: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(event)) {
    if (value === null || !isAttribute(name)) continue;
    if (!isMeant.has(name)) assertName(name, pathOf);
    set.push([name, typeof value === 'object' ? plain(value) : value]);
  }
  if (set.length > maxAttributes) throw exceeded('the event', `${maxAttributes} attributes`);
  return Object.fromEntries(set);
}

/** The attributes that have no meaning to the hub. @throws HubError invalid-message, limit-exceeded */
export function extensionsOf(attributes: JsonObject): JsonObject | undefined {
  const entries = Object.entries(attributes).filter(([name]) => !isMeant.has(name));
  if (entries.length === 0) return undefined;
  return asJsonObject({ value: Object.fromEntries(entries), path: 'the extension attributes' });
}
