function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The parameters in the path where it is of the pattern: decoded `:name` parts, and a `*name` at its end as it was written. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  const params: Record<string, string> = {};
  const rest = wanted.at(-1)?.startsWith('*') === true ? wanted.length - 1 : undefined;
  if (rest === undefined ? wanted.length !== given.length : wanted.length > given.length) return undefined;
  for (const [index, part] of wanted.entries()) {
    if (index === rest) {
      const text = given.slice(index).join('/');
      if (text === '') return undefined;
      params[part.slice(1)] = text;
      continue;
    }
    const actual = given[index] ?? '';
    if (part.startsWith(':') && actual !== '') params[part.slice(1)] = decoded(actual);
    else if (part !== actual) return undefined;
  }
  return params;
}
