import { HubError } from '../../channels/protocol/hub-error.ts';

/** Makes the value of one parameter; `raw` is undefined where the query does not have it. @throws HubError naming it */
export type Parameter<Value> = (raw: string | undefined, name: string) => Value;

export type QueryDeclaration = Readonly<Record<string, Parameter<unknown>>>;
export type NoParameters = Readonly<Record<never, Parameter<unknown>>>;

/** The parsed parameters by their names. */
export type Query<Declared extends QueryDeclaration> = {
  readonly [Name in keyof Declared]: ReturnType<Declared[Name]>;
};

/** Parsed in the order of the declaration: the first invalid one is reported. @throws HubError invalid-request, invalid-json */
export function queryOf<Declared extends QueryDeclaration>(
  declared: Declared | undefined,
  query: URLSearchParams,
): Query<Declared> {
  const values = Object.entries(declared ?? {}).map(([name, parse]) => [
    name,
    parse(query.get(name) ?? undefined, name),
  ]);
  return Object.fromEntries(values) as Query<Declared>;
}

/** @throws HubError invalid-request above `maxLength` */
export function text(maxLength = Number.POSITIVE_INFINITY): Parameter<string | undefined> {
  return (raw, name) => {
    if (raw !== undefined && raw.length > maxLength)
      throw new HubError('invalid-request', `${name}: must have at most ${maxLength} characters`);
    return raw;
  };
}

/** A whole number from 1 on. @throws HubError invalid-request */
export function wholeNumber({ fallback, max }: { readonly fallback: number; readonly max: number }): Parameter<number> {
  return (raw, name) => {
    if (raw === undefined) return fallback;
    const value = Number(raw);
    if (!Number.isInteger(value) || value < 1 || value > max)
      throw new HubError('invalid-request', `${name}: must be a whole number from 1 to ${max}`);
    return value;
  };
}

/** Any JSON value; undefined where there is none. @throws HubError invalid-json */
export const jsonValue: Parameter<unknown> = (raw, name) => {
  if (raw === undefined) return undefined;
  try {
    return JSON.parse(raw);
  } catch (cause) {
    throw new HubError('invalid-json', `${name}: must be JSON`, { cause });
  }
};
