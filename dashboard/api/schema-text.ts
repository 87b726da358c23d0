import { isRecord, type Json, type JsonRecord, recordOf, recordsOf, textOf, textsOf } from '../ui/json.ts';

const sharedPrefix = '#/components/schemas/';

/** The name of a shared schema that is referred to. */
function nameOf({ $ref }: JsonRecord): string | undefined {
  return typeof $ref === 'string' && $ref.startsWith(sharedPrefix) ? $ref.slice(sharedPrefix.length) : undefined;
}

function listed(parts: readonly string[], between: string): string {
  const own = [...new Set(parts)];
  return own.length === 1 ? (own[0] ?? '') : own.join(between);
}

/** In brackets where it would be read otherwise. */
function grouped(text: string): string {
  return / [|&] /.test(text) && !text.startsWith('{') ? `(${text})` : text;
}

function memberText(name: string, value: Json, required: readonly string[], indent: string): string {
  const schema = recordOf(value);
  const about = textOf(schema['description']).replaceAll(/\s+/g, ' ');
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  const note = about === '' ? '' : `  // ${about}`;
  return `${indent}  ${key}${required.includes(name) ? '' : '?'}: ${typeText(schema, `${indent}  `)};${note}`;
}

function objectText(schema: JsonRecord, indent: string): string {
  const members = Object.entries(recordOf(schema['properties']));
  const required = textsOf(schema['required']);
  const { additionalProperties: others } = schema;
  const rest = isRecord(others) ? [`${indent}  [key: string]: ${typeText(others, `${indent}  `)};`] : [];
  const lines = [...members.map(([name, value]) => memberText(name, value, required, indent)), ...rest];
  return lines.length === 0 ? 'object' : `{\n${lines.join('\n')}\n${indent}}`;
}

function arrayText({ items, prefixItems }: JsonRecord, indent: string): string {
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
  if (tuple !== undefined)
    return `[${recordsOf(tuple)
      .map((each) => typeText(each, indent))
      .join(', ')}]`;
  return `${grouped(typeText(recordOf(items), indent))}[]`;
}

const plain: Readonly<Record<string, string>> = {
  ...{ string: 'string', number: 'number', integer: 'integer', boolean: 'boolean', null: 'null' },
};

function ofType(type: string, schema: JsonRecord, indent: string): string {
  if (type === 'object') return objectText(schema, indent);
  if (type === 'array') return arrayText(schema, indent);
  const format = textOf(schema['format']);
  return format === '' || type !== 'string' ? (plain[type] ?? type) : `string (${format})`;
}

/** A JSON Schema as a type that people read: the form of TypeScript, with what members mean behind them. */
export function typeText(schema: JsonRecord, indent = ''): string {
  const name = nameOf(schema);
  if (name !== undefined) return name;
  const text = (list: Json | undefined): readonly string[] => recordsOf(list).map((each) => typeText(each, indent));
  const { allOf, anyOf, oneOf, enum: values, const: only, type } = schema;
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(values))
    return listed(
      values.map((each) => JSON.stringify(each)),
      ' | ',
    );
  if (allOf !== undefined) return listed(text(allOf).map(grouped), ' & ');
  if (anyOf !== undefined || oneOf !== undefined) return listed(text(anyOf ?? oneOf), ' | ');
  if (Array.isArray(type))
    return listed(
      textsOf(type).map((each) => ofType(each, schema, indent)),
      ' | ',
    );
  if (typeof type === 'string') return ofType(type, schema, indent);
  return isRecord(schema['properties']) ? objectText(schema, indent) : 'any';
}

/** The shared schemas that one names, each once, in their order. */
export function namesIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap(namesIn))];
  if (!isRecord(value)) return [];
  const own = nameOf(value);
  return [...new Set([...(own === undefined ? [] : [own]), ...Object.values(value).flatMap(namesIn)])];
}
