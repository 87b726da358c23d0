/** Kinds that people edit, and those that they read. Each has an operation of REST for each of its fields. */
export const editedKinds = ['asset', 'relationship', 'definition', 'term', 'domain', 'team'] as const;
export const readKinds = [...editedKinds, 'alert'] as const;

/** Name of the type of a kind. */
export function typeName(kind: string): string {
  return `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`;
}
