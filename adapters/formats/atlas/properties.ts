import { documentLimits } from '../../../channels/catalog/limits.ts';
import { leftOutKey } from '../../../channels/catalog/change.ts';
import type { JsonObject, JsonValue } from '../../../channels/event/json.ts';
import { isPropertyKey, keptOrCut } from '../json-bounds.ts';
import { formatLimits } from '../limits.ts';

/** Sources write 0 where a time was never set. */
const timeKey = /(Time|edAt|TS)$/;

/** Places for properties, next to the one that says how many found none. */
const maxProperties = documentLimits.properties - 1;

function isUnset(key: string, value: JsonValue): boolean {
  return value === null || (value === 0 && timeKey.test(key));
}

/**
 * The attributes as properties. A value that is too long to keep is replaced by its size, and how many found no place
 * at all is a property too: a long view text must not keep a tag from being seen. An attribute that is `understood`
 * stands elsewhere in the asset; it may have been of another form once, and then what was kept of that goes.
 */
export function propertiesOf(values: JsonObject, understood: ReadonlySet<string>): JsonObject | undefined {
  let [total, kept, leftOut] = [0, 0, 0];
  const entries: (readonly [string, JsonValue])[] = [];
  for (const key of Object.keys(values).toSorted()) {
    const said = values[key];
    if (!isPropertyKey(key)) leftOut += 1;
    else if (understood.has(key) || said === undefined || isUnset(key, said)) entries.push([key, null]);
    else if (kept >= maxProperties) leftOut += 1;
    else {
      const left = Math.min(formatLimits.maxValueBytes, formatLimits.maxPropertyBytes - total);
      const { value, bytes } = keptOrCut(said, left);
      entries.push([key, value]);
      total += bytes;
      kept += 1;
    }
  }
  if (entries.length === 0 && leftOut === 0) return undefined;
  entries.push([leftOutKey, leftOut === 0 ? null : leftOut]);
  return Object.fromEntries(entries);
}
