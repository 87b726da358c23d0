import type { ClassificationChange } from '../../../channels/catalog/change.ts';
import type { Classification } from '../../../channels/catalog/document.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import { exceeded } from '../faults.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../channels/event/json.ts';
import { cut, jsonBytes, keptOrCut } from '../json-bounds.ts';
import { formatLimits } from '../limits.ts';
import { isUrnIn, urnIn } from '../urn.ts';
import type { TagEntry } from './entity-header.ts';
import { type Ancestors, withoutImplied } from './super-types.ts';

/** What is needed to read the tags of one entity. */
export interface TagContext {
  readonly guid: string;
  readonly profile: ConnectorProfile;
  readonly ancestors: Ancestors;
}

/** Bytes that the attributes of the tags of one message may still take. */
interface Budget {
  left: number;
}

/** Attributes that are too long, or no attributes at all, are replaced by their size: the tag itself must be seen. */
function attributesOf(value: JsonValue | undefined, budget: Budget): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) return cut(jsonBytes(value));
  if (Object.keys(value).length === 0) return undefined;
  const kept = keptOrCut(value, Math.min(formatLimits.maxValueBytes, budget.left));
  budget.left -= kept.bytes;
  return kept.value;
}

function classificationOf(entry: TagEntry, { guid, profile }: TagContext, budget: Budget): Classification {
  const from = entry.entityGuid !== undefined && entry.entityGuid !== guid ? entry.entityGuid : undefined;
  const attributes = attributesOf(entry.attributes, budget);
  return {
    scheme: profile.scheme,
    name: entry.name,
    // the source does not tell whether a person or a scan set a direct tag
    origin: from === undefined ? 'unknown' : 'propagated',
    state: 'confirmed',
    ...(from === undefined || !isUrnIn(profile, from) ? {} : { from: urnIn(profile, from, 'entityGuid') }),
    ...(attributes === undefined ? {} : { attributes }),
  };
}

/** A tag may be listed several times, directly and propagated: it is one tag, and the direct one says more. */
function asSet(list: readonly Classification[]): readonly Classification[] {
  const byName = new Map<string, Classification>();
  for (const tag of list) {
    const held = byName.get(tag.name);
    if (held === undefined || (held.origin === 'propagated' && tag.origin !== 'propagated')) byName.set(tag.name, tag);
  }
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws HubError invalid-message, limit-exceeded */
export function classificationsOf(entries: readonly TagEntry[], context: TagContext): readonly Classification[] {
  const budget: Budget = { left: formatLimits.maxTagAttributeBytes };
  const list = asSet(
    withoutImplied(entries, context.ancestors).map((entry) => classificationOf(entry, context, budget)),
  );
  if (list.length > documentLimits.classifications)
    throw exceeded('classifications', `${documentLimits.classifications} entries`);
  return list;
}

/** The whole current list of the entity. */
export function stateOf(entries: readonly TagEntry[], context: TagContext): ClassificationChange {
  return { mode: 'state', list: classificationsOf(entries, context) };
}
