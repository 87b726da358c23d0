import { describe, expect, it } from 'vitest';
import type { HubError } from '../protocol/hub-error.ts';
import { filterLimits, parseFilter } from './parse-filter.ts';

function fault(raw: unknown): HubError {
  try {
    parseFilter(raw);
  } catch (error) {
    return error as HubError;
  }
  throw new Error(`accepted: ${JSON.stringify(raw)}`);
}

describe('parseFilter', () => {
  it.each([
    [{ urn: 'x' }, { op: 'eq', field: 'urn', value: 'x' }],
    [{ domain: null }, { op: 'eq', field: 'domain', value: null }],
    [{ severity: { $gte: 17 } }, { op: 'gte', field: 'severity', value: 17 }],
    [{ severity: { $gt: 1 } }, { op: 'gt', field: 'severity', value: 1 }],
    [{ name: { $lt: 'm' } }, { op: 'lt', field: 'name', value: 'm' }],
    [{ name: { $lte: 'm' } }, { op: 'lte', field: 'name', value: 'm' }],
    [{ name: { $ne: 'm' } }, { op: 'ne', field: 'name', value: 'm' }],
    [{ kind: { $in: ['b', 'a', 'b'] } }, { op: 'in', field: 'kind', values: ['a', 'b'] }],
    [{ kind: { $nin: ['a', 'b'] } }, { op: 'nin', field: 'kind', values: ['a', 'b'] }],
    [{ kind: { $in: ['a'] } }, { op: 'eq', field: 'kind', value: 'a' }],
    [{ fqn: { $exists: false } }, { op: 'exists', field: 'fqn', value: false }],
    [{ tags: { $startsWith: 'pii/' } }, { op: 'startsWith', field: 'tags', value: 'pii/' }],
    [{ name: { $not: { $eq: 'x' } } }, { op: 'not', arg: { op: 'eq', field: 'name', value: 'x' } }],
    [{}, { op: 'and', args: [] }],
    [
      { classifications: { $elemMatch: { scheme: 'pii', level: { $gte: 2 } } } },
      {
        op: 'elemMatch',
        field: 'classifications',
        arg: {
          op: 'and',
          args: [
            { op: 'gte', field: 'level', value: 2 },
            { op: 'eq', field: 'scheme', value: 'pii' },
          ],
        },
      },
    ],
  ])('reads %j', (raw, parsed) => {
    expect(parseFilter(raw)).toEqual(parsed);
  });

  const secret = 'sesame-4711';
  it.each<[string, unknown, string]>([
    ['filter', secret, 'must be an object'],
    ['filter', null, 'must be an object'],
    ['filter', [{ name: secret }], 'must be an object'],
    ['filter.tenant', { tenant: secret }, 'unknown field; known fields: urn, '],
    ['filter.constructor', { constructor: secret }, 'unknown field'],
    ['filter.name', { name: [secret] }, 'a list is not a value here; use $in'],
    ['filter.name', { name: {} }, 'must name at least one operator'],
    ['filter.name.$eq', { name: 4711 }, 'must be a string'],
    ['filter.name.$eq', { name: null }, 'must be a string'],
    ['filter.severity.$eq', { severity: secret }, 'must be a number or null'],
    ['filter.severity.$gt', { severity: { $gt: null } }, 'cannot be null with an order comparison'],
    ['filter.severity.$eq', { severity: Number.NaN }, 'must be a finite number'],
    ['filter.name.$regex', { name: { $regex: secret } }, 'unknown operator; use one of $eq '],
    ['filter.name.$in', { name: { $in: secret } }, 'must be a list with at least one value'],
    ['filter.name.$in', { name: { $in: [] } }, 'must be a list with at least one value'],
    ['filter.name.$nin[1]', { name: { $nin: [secret, { secret }] } }, 'must be a string'],
    ['filter.name.$exists', { name: { $exists: secret } }, 'must be true or false'],
    [
      'filter.severity.$startsWith',
      { severity: { $startsWith: secret } },
      'needs a string field and a non-empty string',
    ],
    ['filter.name.$startsWith', { name: { $startsWith: '' } }, 'needs a string field and a non-empty string'],
    ['filter.$and', { $and: { name: secret } }, 'must be a list with at least one filter'],
    ['filter.$or', { $or: [] }, 'must be a list with at least one filter'],
    ['filter.$or[1]', { $or: [{ name: secret }, secret] }, 'must be an object'],
    ['filter.$and[0].$or[0].nme', { $and: [{ $or: [{ nme: secret }] }] }, 'unknown field'],
    ['filter.$not', { $not: secret }, 'must be an object'],
    ['filter.name.$not.$in', { name: { $not: { $in: secret } } }, 'must be a list'],
    ['filter.classifications', { classifications: secret }, 'must be {"$elemMatch": {...}}'],
    ['filter.classifications', { classifications: { $elemMatch: {}, $exists: true } }, 'must be {"$elemMatch": {...}}'],
    [
      'filter.columnClassifications.$elemMatch.tags',
      { columnClassifications: { $elemMatch: { tags: secret } } },
      'unknown field; known fields: scheme, name, level, origin, state',
    ],
    ['filter.name.$eq', { name: secret.repeat(200) }, 'must have at most 1024 characters'],
  ])('names %s and never the value: %j', (place, raw, problem) => {
    const error = fault(raw);
    expect(error).toMatchObject({ code: 'invalid-filter' });
    expect(error.message).toContain(`${place}: ${problem}`);
    expect(error.message).not.toContain('4711');
  });

  describe('limits', () => {
    const conditions = (count: number) => ({ $or: Array.from({ length: count - 1 }, (_, i) => ({ name: `n${i}` })) });
    const nested = (depth: number): object => (depth === 1 ? { name: 'x' } : { $and: [nested(depth - 1)] });
    const values = (count: number) => ({ name: { $in: Array.from({ length: count }, (_, i) => `n${i}`) } });

    it.each([
      ['conditions', conditions(filterLimits.maxNodes), conditions(filterLimits.maxNodes + 1), '32 conditions'],
      ['levels', nested(filterLimits.maxDepth), nested(filterLimits.maxDepth + 1), '4 levels'],
      ['values', values(filterLimits.maxValues), values(filterLimits.maxValues + 1), '200 values'],
    ])('of %s: takes the most and refuses one more', (_name, most, more, message) => {
      expect(() => parseFilter(most)).not.toThrow();
      expect(fault(more)).toMatchObject({ code: 'filter-too-large', message: expect.stringContaining(message) });
    });

    it('count the depth of $not and $elemMatch too', () => {
      expect(fault({ $not: { $not: { $not: { $not: { name: 'x' } } } } }).code).toBe('filter-too-large');
      expect(fault({ $and: [{ $and: [{ $and: [{ classifications: { $elemMatch: { name: 'x' } } }] }] }] }).code).toBe(
        'filter-too-large',
      );
    });
  });
});
