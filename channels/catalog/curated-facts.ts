import type { JsonObject, JsonValue } from '../event/json.ts';
import type { CuratedMember, CuratedTag, CuratedValue, SourcedClassification } from './document.ts';

/** As events and documents show what people say; which connectors are under it stays inside. */
export function valueFacts<Value extends JsonValue>({ value, source, by, at }: CuratedValue<Value>): JsonObject {
  return { value, source: source ?? null, by, at };
}

export function memberFacts<Item extends JsonValue>({ key, value, source, by, at }: CuratedMember<Item>): JsonObject {
  return { key, value, ...(source === undefined ? {} : { source }), by, at };
}

/** Whatever of the hidden decides how the element is protected is in it: a change of that is an event. */
export function tagFacts(tag: CuratedTag): JsonObject {
  const { scheme, name, state, level, reason, declassified, hidden, by, at } = tag;
  const source = sourceState(hidden);
  const sourceLevel = highestLevel(hidden);
  return {
    ...{ scheme, name, state, by, at },
    ...(level === undefined ? {} : { level }),
    ...(reason === undefined ? {} : { reason }),
    ...(declassified === undefined ? {} : { declassified }),
    ...(source === undefined ? {} : { source }),
    ...(sourceLevel === undefined ? {} : { sourceLevel }),
  };
}

function sourceState(hidden: CuratedTag['hidden']): SourcedClassification['state'] | undefined {
  if (hidden.length === 0) return undefined;
  return hidden.some(({ state }) => state === 'confirmed') ? 'confirmed' : 'suggested';
}

/** undefined: nobody names one. */
export function highestLevel(said: readonly SourcedClassification[]): number | undefined {
  const levels = said.flatMap(({ level }) => level ?? []);
  return levels.length === 0 ? undefined : Math.max(...levels);
}

/**
 * Suggestions that are not shown, because people have decided them, and go on protecting the element: rejected by
 * somebody without the right to lower protection, or of a higher level than what was confirmed. Until somebody who may
 * declassifies them, or the sources stop to say so.
 */
export function stillProtecting(tags: readonly CuratedTag[] = []): readonly SourcedClassification[] {
  return tags.flatMap(({ state, level = -1, declassified, hidden }) => {
    if (declassified === true) return [];
    const suggested = hidden.filter((item) => item.state === 'suggested');
    return state === 'rejected' ? suggested : suggested.filter((item) => (item.level ?? -1) > level);
  });
}
