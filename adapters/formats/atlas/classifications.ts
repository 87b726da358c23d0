import type { ClassificationChange } from '../../../channels/catalog/change.ts';
import type { Classification } from '../../../channels/catalog/document.ts';
import { documentLimits } from '../../../channels/catalog/limits.ts';
import type { ConnectorProfile } from '../../../channels/ports/message-format.ts';
import { exceeded } from '../faults.ts';
import { isAbsent } from '../fields.ts';
import { asJsonObject } from '../json-bounds.ts';
import { urnIn } from '../urn.ts';
import type { TagEntry } from './entity-header.ts';
import { type Ancestors, withoutImplied } from './super-types.ts';

/** What is needed to read the tags of one entity. */
export interface TagContext {
  readonly guid: string;
  readonly profile: ConnectorProfile;
  readonly ancestors: Ancestors;
}

function classificationOf(entry: TagEntry, { guid, profile }: TagContext): Classification {
  const from = entry.entityGuid !== undefined && entry.entityGuid !== guid ? entry.entityGuid : undefined;
  const attributes = isAbsent(entry.attributes) ? {} : asJsonObject(entry.attributes);
  return {
    scheme: profile.scheme,
    name: entry.name,
    // the source does not tell whether a person or a scan set a direct tag
    origin: from === undefined ? 'unknown' : 'propagated',
    state: 'confirmed',
    ...(from === undefined ? {} : { from: urnIn(profile, from, 'entityGuid') }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
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
  const list = asSet(withoutImplied(entries, context.ancestors).map((entry) => classificationOf(entry, context)));
  if (list.length > documentLimits.classifications)
    throw exceeded('classifications', `${documentLimits.classifications} entries`);
  return list;
}

/** The whole current list of the entity. */
export function stateOf(entries: readonly TagEntry[], context: TagContext): ClassificationChange {
  return { mode: 'state', list: classificationsOf(entries, context) };
}
