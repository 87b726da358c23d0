import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../../channels/event/json.ts';

/** What is behind a reference, or the schema itself. */
function resolved(schema: JsonValue, shared: JsonObject): JsonObject {
  if (!isJsonObject(schema)) return {};
  const { $ref } = schema;
  const target = typeof $ref === 'string' ? shared[$ref.split('/').at(-1) ?? ''] : schema;
  return isJsonObject(target) ? target : {};
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isJsonObject(properties) ? properties : {};
}

/** Several schemas of one object as one. */
function joined(parts: readonly JsonValue[], shared: JsonObject): JsonObject {
  const objects = parts.map((part) => resolved(part, shared));
  return objects.reduce<JsonObject>(
    (all, part) => ({ ...all, ...part, properties: { ...propertiesOf(all), ...propertiesOf(part) } }),
    {},
  );
}

/**
 * Schemas without room for members that nobody has described: clients must take those, the tests find them.
 * @param shared what references of the document lead to
 */
export function closed(value: JsonValue, shared: JsonObject): JsonValue {
  if (isJsonList(value)) return value.map((each) => closed(each, shared));
  if (!isJsonObject(value)) return value;
  const { allOf, ...rest } = value;
  const whole = isJsonList(allOf) ? { ...rest, ...joined(allOf, shared) } : value;
  const own = Object.fromEntries(Object.entries(whole).map(([key, member]) => [key, closed(member, shared)]));
  return isJsonObject(own['properties']) ? { additionalProperties: false, ...own } : own;
}
