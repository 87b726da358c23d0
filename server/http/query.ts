import { z } from 'zod';
import type { ErrorCode } from '../../channels/protocol/error-code.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import type { ValueContract } from './contract.ts';

/** What clients are told of a parameter. */
export interface ParameterContract extends ValueContract {
  readonly schema: z.ZodType;
  /** The value is JSON text of the schema. */
  readonly isJson?: boolean;
  readonly errors: readonly ErrorCode[];
}

/** One parameter of a query. */
export interface Parameter<Value> {
  /** Makes its value; `raw` is undefined where the query does not have it. @throws HubError naming it */
  readonly parse: (raw: string | undefined, name: string) => Value;
  readonly contract: ParameterContract;
}

export type QueryDeclaration = Readonly<Record<string, Parameter<unknown>>>;
export type NoParameters = Readonly<Record<never, Parameter<unknown>>>;

/** The parsed parameters by their names. */
export type Query<Declared extends QueryDeclaration> = {
  readonly [Name in keyof Declared]: ReturnType<Declared[Name]['parse']>;
};

/** Parsed in the order of the declaration: the first invalid one is reported. @throws HubError invalid-request, invalid-json */
export function queryOf<Declared extends QueryDeclaration>(
  declared: Declared | undefined,
  query: URLSearchParams,
): Query<Declared> {
  const values = Object.entries(declared ?? {}).map(([name, { parse }]) => [
    name,
    parse(query.get(name) ?? undefined, name),
  ]);
  return Object.fromEntries(values) as Query<Declared>;
}

/** A misspelt parameter must not answer as if it had not been there. @throws HubError invalid-request */
export function assertDeclared(declared: QueryDeclaration, query: URLSearchParams): void {
  const names = Object.keys(declared);
  const unknown = [...query.keys()].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const fix = names.length === 0 ? 'leave it out' : `use ${names.join(', ')}`;
  throw new HubError('invalid-request', `${unknown.slice(0, 100)}: not a parameter of this route; ${fix}`);
}

/** One that the route parses itself. */
export function parameter<Value>(
  contract: ValueContract & Pick<ParameterContract, 'schema'> & Partial<ParameterContract>,
  parse: Parameter<Value>['parse'],
): Parameter<Value> {
  return { parse, contract: { errors: ['invalid-request'], ...contract } };
}

interface TextContract extends ValueContract {
  readonly maxLength?: number;
  readonly schema?: z.ZodType;
}

/** @throws HubError invalid-request above `maxLength` */
export function text({ maxLength, schema, ...contract }: TextContract): Parameter<string | undefined> {
  const anyText = maxLength === undefined ? z.string() : z.string().max(maxLength);
  return parameter({ ...contract, schema: schema ?? anyText }, (raw, name) => {
    if (raw !== undefined && maxLength !== undefined && raw.length > maxLength)
      throw new HubError('invalid-request', `${name}: must have at most ${maxLength} characters`);
    return raw;
  });
}

/** A whole number from 1 on. @throws HubError invalid-request */
export function wholeNumber({
  fallback,
  max,
  about = 'At most so many.',
  ...contract
}: Partial<ValueContract> & { readonly fallback: number; readonly max: number }): Parameter<number> {
  const schema = z.int().min(1).max(max).meta({ default: fallback });
  return parameter({ about, ...contract, schema }, (raw, name) => {
    if (raw === undefined) return fallback;
    const value = Number(raw);
    if (!Number.isInteger(value) || value < 1 || value > max)
      throw new HubError('invalid-request', `${name}: must be a whole number from 1 to ${max}`);
    return value;
  });
}

/** Any JSON value, which the route checks; undefined where there is none. @throws HubError invalid-json */
export function jsonValue({
  errors = [],
  ...contract
}: ValueContract & Pick<ParameterContract, 'schema'> & Partial<ParameterContract>): Parameter<unknown> {
  const facts = { ...contract, isJson: true, errors: ['invalid-json', ...errors] as const };
  return parameter(facts, (raw, name) => {
    if (raw === undefined) return undefined;
    try {
      return JSON.parse(raw);
    } catch (cause) {
      throw new HubError('invalid-json', `${name}: must be JSON`, { cause });
    }
  });
}
