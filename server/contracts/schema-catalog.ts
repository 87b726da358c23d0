import { z } from 'zod';
import { isJsonObject, jsonOf, type JsonObject, type JsonValue } from '../../channels/event/json.ts';

const localPrefix = /^#\/(?:\$defs|definitions)\//;
const sharedPrefix = '#/components/schemas/';

/** With references to where shared schemas stand in the document. */
function relocated(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(relocated);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === '$ref' && typeof member === 'string' ? member.replace(localPrefix, sharedPrefix) : relocated(member),
    ]),
  );
}

/** Some generators of clients cannot read that a tuple has no further items; they read its length. */
function boundTuple(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.prefixItems === undefined || schema.items !== false) return;
  delete schema.items;
  schema.minItems = schema.prefixItems.length;
  schema.maxItems = schema.prefixItems.length;
}

function jsonSchemaOf(schema: z.ZodType, target: Target): JsonObject {
  const made = z.toJSONSchema(schema, {
    target,
    // as clients write and read it: objects of answers are open
    io: 'input',
    // those that a parser of their own checks say what they are in their metadata
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // says the same as the format, in 300 characters
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      boundTuple(jsonSchema);
    },
  });
  const json = jsonOf(made);
  return isJsonObject(json) ? json : {};
}

/** OpenAPI 3.1 has the one, AsyncAPI 3.0 the other. */
type Target = 'draft-2020-12' | 'draft-7';

/** Schemas as JSON Schema. Those with an id stand once in the document, and others refer to them. */
export class SchemaCatalog {
  readonly #shared = new Map<string, JsonObject>();
  readonly #target: Target;

  constructor(target: Target) {
    this.#target = target;
  }

  /** A schema to be put in place. */
  of(schema: z.ZodType): JsonObject {
    const { $schema: _dialect, $defs, definitions = $defs, ...own } = jsonSchemaOf(schema, this.#target);
    if (isJsonObject(definitions))
      for (const [id, shared] of Object.entries(definitions)) {
        const moved = relocated(shared);
        if (isJsonObject(moved)) this.#shared.set(id, moved);
      }
    const moved = relocated(own);
    return isJsonObject(moved) ? moved : {};
  }

  /** All that were referred to, by their ids. */
  get shared(): JsonObject {
    return Object.fromEntries([...this.#shared].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  }
}
