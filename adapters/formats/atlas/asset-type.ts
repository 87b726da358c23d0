import { documentLimits } from '../../../channels/catalog/limits.ts';

const kinds: readonly (readonly [RegExp, string])[] = [
  [/(^|_)column$/, 'column'],
  [/(^|_)table$/, 'table'],
  [/(^|_)db$|database$/, 'database'],
  [/process/, 'process'],
];

/** The hub's word for a type of the source; a type that has none keeps its own name in lower case. */
export function assetTypeOf(typeName: string): string {
  // some letters become two in lower case
  const name = typeName.toLowerCase().slice(0, documentLimits.idLength);
  return kinds.find(([pattern]) => pattern.test(name))?.[1] ?? name;
}

/** Type names begin with the platform: `hive_table`, `azure_sql_table`. Types of the base model have none. */
export function platformOf(typeName: string): string | undefined {
  const end = typeName.indexOf('_');
  return end < 1 ? undefined : typeName.slice(0, end).toLowerCase().slice(0, documentLimits.idLength);
}
