import { describe, expect, it } from 'vitest';
import type { Filter } from './filter.ts';
import { requiredText } from './required-text.ts';

const urn: Filter = { op: 'eq', field: 'urn', value: 'urn:a' };
const type: Filter = { op: 'eq', field: 'type', value: 'table' };

describe('requiredText', () => {
  it.each<[string, Filter, string | undefined]>([
    ['an equality', urn, 'urn:a'],
    ['a nested conjunction', { op: 'and', args: [type, { op: 'and', args: [urn] }] }, 'urn:a'],
    ['another field', type, undefined],
    ['an alternative', { op: 'or', args: [urn, type] }, undefined],
    ['a negation', { op: 'not', arg: urn }, undefined],
    ['a difference', { op: 'ne', field: 'urn', value: 'urn:a' }, undefined],
    ['null', { op: 'eq', field: 'urn', value: null }, undefined],
    ['a classification', { op: 'elemMatch', field: 'classifications', arg: urn }, undefined],
  ])('%s', (_, filter, expected) => {
    expect(requiredText(filter, 'urn')).toBe(expected);
  });
});
