import type { Head } from '../event/head.ts';
import type { Filter } from './filter.ts';

/** Relative number of heads that share one value of a field: the lower, the better a term. */
const costs: Readonly<Record<string, number>> = {
  urn: 1,
  refs: 1,
  fqn: 1,
  name: 2,
  owners: 6,
  tags: 8,
  domain: 10,
  scheme: 14,
  platform: 30,
  connector: 30,
  type: 40,
  status: 60,
  kind: 80,
};

/** Of all heads, relative to `kind`: how many share a value of a field. */
const broadest = 80;

/** One field and one value that a head has. `scheme` stands for the first part of a tag. */
export interface Term {
  readonly field: string;
  readonly value: string;
}

/** Of selections that have no usable term. */
export const anyTerm: Term = { field: 'any', value: '' };

interface Cover {
  readonly terms: readonly Term[];
  readonly cost: number;
}

/** Confirmed tags are tags: they have no index of their own. */
export function indexedAs(field: string): string {
  return field === 'confirmedTags' ? 'tags' : field;
}

function equality(named: string, values: readonly unknown[]): Cover | undefined {
  const field = indexedAs(named);
  const cost = costs[field];
  if (cost === undefined || !values.every((value) => typeof value === 'string')) return undefined;
  return { terms: values.map((value) => ({ field, value })), cost: cost * values.length };
}

function union(covers: readonly (Cover | undefined)[]): Cover | undefined {
  if (covers.length === 0 || !covers.every((cover) => cover !== undefined)) return undefined;
  return { terms: covers.flatMap((cover) => cover.terms), cost: covers.reduce((sum, cover) => sum + cover.cost, 0) };
}

function cheapest(covers: readonly (Cover | undefined)[]): Cover | undefined {
  return covers.reduce(
    (best, cover) => (cover !== undefined && (best === undefined || cover.cost < best.cost) ? cover : best),
    undefined,
  );
}

function cover(filter: Filter): Cover | undefined {
  switch (filter.op) {
    case 'and':
      return cheapest(filter.args.map(cover));
    case 'or':
      return union(filter.args.map(cover));
    case 'eq':
      return equality(filter.field, [filter.value]);
    case 'in':
      return equality(filter.field, filter.values);
    case 'startsWith':
      return schemeCover(filter);
    default:
      return undefined;
  }
}

/** `tags` that start with "scheme/...": all tags of a scheme share one term. */
function schemeCover(filter: { readonly field: string; readonly value: string }): Cover | undefined {
  const slash = filter.value.indexOf('/');
  return indexedAs(filter.field) === 'tags' && slash > 0
    ? equality('scheme', [filter.value.slice(0, slash)])
    : undefined;
}

export const scalarFields = [
  'urn',
  'fqn',
  'name',
  'domain',
  'platform',
  'connector',
  'type',
  'status',
  'kind',
] as const;
export const listFields = ['owners', 'tags', 'refs'] as const;

/**
 * The cover of a filter: every head that matches it has at least one of these terms, the most selective that the filter
 * allows. undefined: no such terms, every head must be looked at.
 */
export function coverOf(filter: Filter): readonly Term[] | undefined {
  return cover(filter)?.terms;
}

/** The share of all heads at which a filter is checked, from 0 (few) to 1 (all). */
export function breadthOf(filter: Filter): number {
  return Math.min(1, (cover(filter)?.cost ?? broadest) / broadest);
}

/** Scheme of a tag: what stands before its first slash. */
export function schemeOf(tag: string): string {
  return tag.slice(0, tag.indexOf('/'));
}

/** Every term of a head under which a cover can name it. */
export function termsOf(head: Head): readonly Term[] {
  const scalars = scalarFields.flatMap((field) => (head[field] === null ? [] : [{ field, value: head[field] }]));
  const lists = listFields.flatMap((field) => head[field].map((value) => ({ field, value })));
  const schemes = [...new Set(head.tags.map(schemeOf))].map((value) => ({ field: 'scheme', value }));
  return [...scalars, ...lists, ...schemes];
}

/** A term as one text. */
export function termText({ field, value }: Term): string {
  return `${field}=${value}`;
}

/** At most this cost: few enough events share the term that keeping it for each event pays. */
const selectiveCost = 14;

/** Worth an index entry for each event: urn, references, names, owners, tags, scheme and domain, but not type or kind. */
export function isSelective({ field }: Term): boolean {
  return (costs[field] ?? Number.POSITIVE_INFINITY) <= selectiveCost;
}
