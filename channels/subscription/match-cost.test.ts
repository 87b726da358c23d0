import { expect, it } from 'vitest';
import { matchCost } from './match-cost.ts';
import { createSelection } from './selection.ts';

const cost = (channel: string, filter?: object): number => matchCost(createSelection(channel, filter).filter);

it('costs nothing where the index answers alone', () => {
  for (const channel of ['assets', 'alerts', 'asset:urn:gov:a:b', 'domain:hr', 'classification:pii/email'])
    expect(cost(channel)).toBe(0);
});

it('costs the more the more events have to be looked at', () => {
  const costs = [
    cost('asset:urn:gov:a:b', { name: { $ne: 'x' } }),
    cost('assets', { domain: 'hr' }),
    cost('assets', { platform: 'kafka' }),
    cost('assets', { name: { $ne: 'x' } }),
    cost('assets', { name: { $ne: 'x' }, tags: { $ne: 'pii/email' } }),
  ];
  expect(costs).toEqual(costs.toSorted((one, other) => one - other));
  expect(new Set(costs).size).toBe(costs.length);
});
