import type { FilterValue } from '../../channels/subscription/filter.ts';
import type { Place } from './attribute-names.ts';
import { type Condition, equalValue, noValue } from './stored-value.ts';

/** Documents, as opposed to the record of the position. */
export const allDocuments = 's = 0';
const noDocument = 's = 9';
export const everyDocument: Condition = { text: allDocuments, isExact: true };
export const none: Condition = { text: noDocument, isExact: true };

/** A condition on the stored values of one attribute. */
export type Test = (attribute: string) => Condition;

export function joined(op: 'AND' | 'OR', conditions: readonly Condition[]): Condition {
  const [first] = conditions;
  if (first === undefined) return op === 'AND' ? everyDocument : none;
  if (conditions.length === 1) return first;
  return {
    text: `(${conditions.map(({ text }) => text).join(` ${op} `)})`,
    isExact: conditions.every(({ isExact }) => isExact),
  };
}

/** One of the values is stored. */
export function equals(values: readonly Exclude<FilterValue, null>[]): Test {
  const texts = values.map((value) => `"${equalValue(value)}"`);
  return (attribute) => ({
    text: texts.length === 1 ? `${attribute} = ${texts[0]}` : `${attribute} IN [${texts.join(', ')}]`,
    isExact: true,
  });
}

/** A value is stored that meets the test, in one of the places. */
export function some(places: readonly Place[], test: Test): Condition {
  return joined(
    'OR',
    places.map(({ attribute }) => test(attribute)),
  );
}

export const isMarkedEmpty: Test = (attribute) => ({ text: `${attribute} = "${noValue}"`, isExact: true });

/** There is a value, in one of the places. */
export function exists(places: readonly Place[]): Condition {
  return joined(
    'OR',
    places.map(({ attribute }) => ({ text: `(${attribute} EXISTS AND ${attribute} != "${noValue}")`, isExact: true })),
  );
}
