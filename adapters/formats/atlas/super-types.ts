/** All types that a type implies, however far up, by the configured table. */
export type Ancestors = (name: string) => ReadonlySet<string>;

/** @param superTypes direct super-types of each classification type */
export function createAncestors(superTypes: Readonly<Record<string, readonly string[]>>): Ancestors {
  const direct = new Map(Object.entries(superTypes));
  const known = new Map<string, ReadonlySet<string>>();
  const collect = (name: string): ReadonlySet<string> => {
    const found = new Set<string>();
    const open = [...(direct.get(name) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...(direct.get(next) ?? []));
    }
    return found;
  };
  for (const name of direct.keys()) known.set(name, collect(name));
  const none: ReadonlySet<string> = new Set();
  return (name) => known.get(name) ?? none;
}

/**
 * The source lists every super-type of a tag as a tag of its own. Those are implied, not said. Types that imply each
 * other (a faulty table) are all kept: losing a tag is worse than showing one too many.
 */
export function withoutImplied<T extends { readonly name: string }>(
  entries: readonly T[],
  ancestors: Ancestors,
): readonly T[] {
  const names = [...new Set(entries.map((entry) => entry.name))];
  const implied = new Set(
    names.filter((name) =>
      names.some((other) => other !== name && ancestors(other).has(name) && !ancestors(name).has(other)),
    ),
  );
  return entries.filter((entry) => !implied.has(entry.name));
}
