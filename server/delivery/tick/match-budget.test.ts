import { beforeEach, expect, it } from 'vitest';
import { createSelection, type Selection } from '../../../channels/subscription/selection.ts';
import { MatchBudget } from './match-budget.ts';

const dear = (index: number): Selection => createSelection('assets', { name: { $ne: `x${index}` } });
const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((sub) => ({ tenant: 'acme', sub })) as [Owner, Owner, Owner];
interface Owner {
  readonly tenant: string;
  readonly sub: string;
}

let budget: MatchBudget;
beforeEach(() => {
  budget = new MatchBudget({ perPrincipal: 30, perTenant: 45 });
});

function takeAll(owner: Owner, from = 0): number {
  for (let index = from; ; index++) {
    try {
      budget.assertCapacity(owner, dear(index));
    } catch (error) {
      expect(error).toMatchObject({ code: 'too-costly' });
      return index - from;
    }
    budget.take(owner, dear(index));
  }
}

it('L10: bounds what a principal and what a tenant holds, and no other tenant', () => {
  expect(takeAll(ada)).toBe(10);
  expect(takeAll(bob, 100)).toBe(5);
  expect(takeAll(eve, 200)).toBe(0);
  expect(takeAll({ tenant: 'globex', sub: 'ada' })).toBe(10);
  expect(budget.tenants).toEqual(
    new Map([
      ['acme', 45],
      ['globex', 30],
    ]),
  );
});

it('L10: counts what is held twice once, and gives it back with the last', () => {
  takeAll(ada);
  budget.assertCapacity(ada, dear(3));
  budget.take(ada, dear(3));
  budget.release(ada, dear(3));
  expect(() => budget.assertCapacity(ada, dear(99))).toThrow('more than 30 comparisons');
  budget.release(ada, dear(3));
  budget.assertCapacity(ada, dear(99));
  for (let index = 0; index < 10; index++) if (index !== 3) budget.release(ada, dear(index));
  expect(budget.tenants.size).toBe(0);
});

it('L10: charges one condition once, in however many forms it is shown', () => {
  takeAll(ada);
  const inForm = createSelection('assets', { name: { $ne: 'x3' } }, { mode: 'view', fields: ['name'] });
  budget.assertCapacity(ada, inForm);
  budget.take(ada, inForm);
  expect(budget.tenants).toEqual(new Map([['acme', 30]]));
});

it('L10: what the index answers alone is free', () => {
  for (let index = 0; index < 10_000; index++) {
    const selection = createSelection(`asset:urn:gov:a:${index}`);
    budget.assertCapacity(ada, selection);
    budget.take(ada, selection);
  }
  expect(takeAll(ada)).toBe(10);
});
