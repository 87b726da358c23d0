import type { Filter, FilterValue } from '../../channels/subscription/filter.ts';
import { headFields } from '../../channels/subscription/head-fields.ts';
import { memberField, type Place, type Places } from './attribute-names.ts';
import {
  allDocuments,
  equals,
  everyDocument,
  exists,
  isMarkedEmpty,
  joined,
  none,
  some,
  type Test,
} from './condition.ts';
import { elementText } from './element-text.ts';
import { beginsWith, compares, type Condition } from './stored-value.ts';

type Leaf = Extract<Filter, { readonly field: string }>;

/**
 * In none of the places. Absence matches no negation where each document has the attribute: a document that was written wrongly
 * is not found. Where the test lets too much through, its opposite would let too little through: everything may match.
 */
function noneOf(places: readonly Place[], test: Test): Condition {
  return joined(
    'AND',
    places.map(({ attribute, isSure }) => {
      const { text, isExact } = test(attribute);
      const isNot = isExact ? `NOT ${text}` : allDocuments;
      return { text: isSure ? `(${attribute} EXISTS AND ${isNot})` : isNot, isExact };
    }),
  );
}

/** There is none in any of the places. */
function isMissing(places: readonly Place[]): Condition {
  return joined(
    'AND',
    places.map(({ attribute, isSure }) => {
      const marked = isMarkedEmpty(attribute).text;
      return { text: isSure ? marked : `(${attribute} NOT EXISTS OR ${marked})`, isExact: true };
    }),
  );
}

function among(places: readonly Place[], field: string, values: readonly FilterValue[], isNegated: boolean): Condition {
  const given = values.filter((value) => value !== null);
  // a list has no null among its elements
  const orMissing = given.length < values.length && headFields[field]?.list !== true;
  const conditions: Condition[] = [];
  if (given.length > 0) conditions.push((isNegated ? noneOf : some)(places, equals(given)));
  if (orMissing) conditions.push(isNegated ? exists(places) : isMissing(places));
  if (conditions.length === 0) return isNegated ? everyDocument : none;
  return joined(isNegated ? 'AND' : 'OR', conditions);
}

function leafText(leaf: Leaf, places: Places, isNegated: boolean): Condition {
  const at = places(leaf.field);
  switch (leaf.op) {
    case 'eq':
    case 'ne':
      return among(at, leaf.field, [leaf.value], isNegated !== (leaf.op === 'ne'));
    case 'in':
    case 'nin':
      return among(at, leaf.field, leaf.values, isNegated !== (leaf.op === 'nin'));
    case 'exists':
      return leaf.value === isNegated ? isMissing(at) : exists(at);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte': {
      const { op, value } = leaf;
      if (value === null) return isNegated ? everyDocument : none;
      return (isNegated ? noneOf : some)(at, (attribute) => compares(attribute, op, value));
    }
    case 'startsWith':
      return (isNegated ? noneOf : some)(at, (attribute) => beginsWith(attribute, leaf.value));
    case 'elemMatch': {
      const found = elementText(leaf.field, leaf.arg, places);
      if (!isNegated) return found;
      const sure = places(memberField(leaf.field, 'scheme')).filter(({ isSure }) => isSure);
      const written = sure.map(({ attribute }) => ({ text: `${attribute} EXISTS`, isExact: true }));
      const isNot = found.isExact ? `NOT ${found.text}` : allDocuments;
      return joined('AND', [...written, { text: isNot, isExact: found.isExact }]);
    }
  }
}

function text(filter: Filter, places: Places, isNegated: boolean): Condition {
  switch (filter.op) {
    case 'and':
    case 'or':
      return joined(
        (filter.op === 'and') === isNegated ? 'OR' : 'AND',
        filter.args.map((arg) => text(arg, places, isNegated)),
      );
    case 'not':
      return text(filter.arg, places, !isNegated);
    default:
      return leafText(filter, places, isNegated);
  }
}

/**
 * A filter in the language of the server, with negations at the leaves. Where the server cannot say what is meant, more
 * documents match than are meant, never fewer, and `isExact` is false.
 */
export function filterText(filter: Filter, places: Places): Condition {
  return text(filter, places, false);
}
