import { describe, expect, it } from 'vitest';
import { headWith } from '../../test/harness/heads.ts';
import type { HeadClassification } from '../event/head.ts';
import { compileFilter } from './compile-filter.ts';
import { parseFilter } from './parse-filter.ts';

const tag = (name: string, level: number | null): HeadClassification => ({
  scheme: 'pii',
  name,
  level,
  origin: 'manual',
  state: 'confirmed',
});
const head = headWith({
  name: 'orders',
  domain: null,
  fqn: 'db.orders',
  owners: ['ada', 'zoe'],
  refs: [],
  severity: null,
  tags: ['pii/email', 'pii/phone'],
  classifications: [tag('email', 1), tag('phone', 3)],
});

describe('compileFilter', () => {
  it.each<[object, boolean]>([
    // lists: "contains", and "contains none" for the negations
    [{ owners: 'ada' }, true],
    [{ owners: 'ad' }, false],
    [{ owners: { $ne: 'ada' } }, false],
    [{ owners: { $ne: 'bob' } }, true],
    [{ owners: { $in: ['bob', 'zoe'] } }, true],
    [{ owners: { $nin: ['bob', 'zoe'] } }, false],
    [{ owners: { $nin: ['bob'] } }, true],
    [{ owners: { $not: { $eq: 'ada' } } }, false],
    [{ owners: { $gt: 'b' } }, true],
    [{ tags: { $startsWith: 'pii/' } }, true],
    [{ tags: { $startsWith: 'gdpr/' } }, false],
    [{ owners: 'ada', $and: [{ owners: 'zoe' }] }, true],
    // empty lists
    [{ refs: 'a' }, false],
    [{ refs: { $ne: 'a' } }, true],
    [{ refs: { $nin: ['a'] } }, true],
    [{ refs: { $exists: true } }, false],
    [{ refs: { $exists: false } }, true],
    [{ refs: { $lt: 'z' } }, false],
    // null
    [{ domain: null }, true],
    [{ domain: { $ne: null } }, false],
    [{ domain: { $in: [null, 'hr'] } }, true],
    [{ domain: { $nin: ['hr'] } }, true],
    [{ domain: { $exists: false } }, true],
    [{ fqn: { $exists: true } }, true],
    [{ fqn: null }, false],
    [{ severity: { $gte: 0 } }, false],
    [{ severity: { $lt: 100 } }, false],
    [{ severity: { $not: { $gte: 0 } } }, true],
    [{ domain: { $startsWith: 'n' } }, false],
    // order
    [{ name: { $gt: 'order' } }, true],
    [{ name: { $gt: 'orders' } }, false],
    [{ name: { $gte: 'orders', $lte: 'orders' } }, true],
    [{ name: { $lt: 'orders' } }, false],
    // one element must satisfy all of $elemMatch
    [{ classifications: { $elemMatch: { name: 'email', level: 1 } } }, true],
    [{ classifications: { $elemMatch: { name: 'email', level: 3 } } }, false],
    [{ classifications: { $elemMatch: { level: { $gte: 2 } } } }, true],
    [{ columnClassifications: { $elemMatch: {} } }, false],
    // groups
    [{}, true],
    [{ $or: [{ name: 'x' }, { owners: 'ada' }] }, true],
    [{ $and: [{ name: 'orders' }, { owners: 'bob' }] }, false],
    [{ $not: { name: 'orders', owners: 'bob' } }, true],
  ])('%j gives %s', (filter, expected) => {
    expect(compileFilter(parseFilter(filter))(head)).toBe(expected);
  });

  it('an or of nothing matches nothing, an and of nothing everything', () => {
    expect(compileFilter({ op: 'or', args: [] })(head)).toBe(false);
    expect(compileFilter({ op: 'and', args: [] })(head)).toBe(true);
  });
});
