import { tagText } from '../../channels/event/head.ts';
import type { Filter } from '../../channels/subscription/filter.ts';
import { memberField, type Places } from './attribute-names.ts';
import { equals, exists, joined, none, some, type Test } from './condition.ts';
import { beginsWith, compares, type Condition, type LevelRange, noMember, ranksBetween } from './stored-value.ts';

/** Scheme and name of a filter that asks for both and nothing else. */
function tagOf(filter: Filter): string | undefined {
  if (filter.op !== 'and' || filter.args.length !== 2) return undefined;
  const values = new Map(filter.args.flatMap((arg) => (arg.op === 'eq' ? [[arg.field, arg.value] as const] : [])));
  const [scheme, name] = [values.get('scheme'), values.get('name')];
  return typeof scheme === 'string' && typeof name === 'string' ? tagText(scheme, name) : undefined;
}

/** A scheme and levels of a filter that asks for one scheme and bounds of the level, and nothing else. */
function levelsOf(filter: Filter): LevelRange | undefined {
  if (filter.op !== 'and') return undefined;
  const schemes = filter.args.flatMap((arg) => schemeOf(arg) ?? []);
  const bounds = filter.args.flatMap((arg) => boundOf(arg) ?? []);
  const [scheme] = schemes;
  return scheme !== undefined && schemes.length === 1 && bounds.length > 0 && bounds.length + 1 === filter.args.length
    ? { scheme, bounds }
    : undefined;
}

function schemeOf(filter: Filter): string | undefined {
  return filter.op === 'eq' && filter.field === 'scheme' && typeof filter.value === 'string' ? filter.value : undefined;
}

function boundOf(filter: Filter): LevelRange['bounds'][number] | undefined {
  switch (filter.op) {
    case 'eq':
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return filter.field === 'level' && typeof filter.value === 'number'
        ? { op: filter.op, value: filter.value }
        : undefined;
    default:
      return undefined;
  }
}

/** The list has an element that may match: of several conditions on one element each is met, perhaps by another. */
export function elementText(list: string, filter: Filter, places: Places): Condition {
  const ofMember = (member: string, test: Test): Condition => some(places(memberField(list, member)), test);
  const tag = tagOf(filter);
  if (tag !== undefined) return ofMember('tag', equals([tag]));
  const range = levelsOf(filter);
  if (range !== undefined) return ofMember('rank', (attribute) => ranksBetween(attribute, range));
  switch (filter.op) {
    case 'and': {
      const all = joined(
        'AND',
        filter.args.map((arg) => elementText(list, arg, places)),
      );
      return filter.args.length === 1 ? all : { ...all, isExact: false };
    }
    case 'or':
      return joined(
        'OR',
        filter.args.map((arg) => elementText(list, arg, places)),
      );
    case 'eq': {
      const { field, value } = filter;
      if (value !== null) return ofMember(field, equals([value]));
      return ofMember(field, (attribute) => ({ text: `${attribute} = "${noMember}"`, isExact: true }));
    }
    case 'in': {
      const given = filter.values.filter((value) => value !== null);
      const conditions = given.length === 0 ? [] : [ofMember(filter.field, equals(given))];
      return given.length === filter.values.length
        ? joined('OR', conditions)
        : joined('OR', [...conditions, elementText(list, { op: 'eq', field: filter.field, value: null }, places)]);
    }
    case 'startsWith':
      return ofMember(filter.field, (attribute) => beginsWith(attribute, filter.value));
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte': {
      const { field, op, value } = filter;
      return value === null ? none : ofMember(field, (attribute) => compares(attribute, op, value));
    }
    default:
      // any element may be the one
      return { ...exists(places(memberField(list, 'scheme'))), isExact: false };
  }
}
