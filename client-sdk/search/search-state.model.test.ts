import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameJson } from '../../channels/event/json.ts';
import type { SearchHit } from '../../channels/protocol/search.ts';
import { SearchWorld, type SearchWorldStep } from '../testing/search-world.ts';
import { changed } from './hit-list.ts';
import { newSearch } from './search-state.ts';
import { SearchSubscription } from './search-subscription.ts';

/** Raise it when these states change. */
const numRuns = Number(process.env['MODEL_RUNS'] ?? 400);
const on = fc.nat(1);
const q = fc.constantFrom('a', 'b', 'c');
const entity = fc.record({
  urn: fc.constantFrom('1', '2', '3', '4', '5', '6'),
  rank: fc.nat(4),
  words: fc.subarray(['a', 'b', 'c']),
});
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('write'), entity }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('query'), q }) },
    {
      weight: 10,
      arbitrary: fc.record({ do: fc.constantFrom('advance', 'deliver'), on, count: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('answer'), on }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('goaway', 'switch', 'retry') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cut'), on }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('policy', 'drop', 'wrong', 'forget'), on }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse') }) },
  ) as fc.Arbitrary<SearchWorldStep>,
  { maxLength: 80, size: 'max' },
);

/** A search in a world of its own, and what it told. */
function open() {
  const search = new SearchSubscription(newSearch('q', { q: 'a' }), () => undefined);
  const faults: string[] = [];
  let [hits, rev]: [readonly SearchHit[], number] = [search.hits, 0];
  const told = { ends: 0, late: 0 };
  const check = (isRight: boolean, fault: string): void => void (isRight || faults.push(fault));
  const world = new SearchWorld((effects, state) => {
    told.late += told.ends;
    search.perform(effects, state);
    const now = state.content?.rev ?? 0;
    check(now >= rev, `went back from ${rev} to ${now}`);
    rev = now;
    check(state.content === null || search.hits === state.content.hits, 'shows what is not in the state');
  });
  search.on('change', ({ changes, result }) => {
    check(sameJson(changed(hits, changes), result.hits), 'changes that do not lead to the new hits');
    check(
      result.hits.every((hit) => hits.every((held) => held === hit || !sameJson(held, hit))),
      'an unchanged hit is another object',
    );
    hits = result.hits;
  });
  search.on('result', (result) => (hits = result.hits));
  search.on('policy', () => (hits = search.hits));
  search.on('ended', () => (told.ends += 1));
  return { search, world, faults, told };
}

test('L13: whatever results, deltas, refusals, rights and breaks come, the list ends up as the one of the hub', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { search, world, faults } = open();
      for (const step of all) world.run(step);
      world.settle();
      expect(faults).toEqual([]);
      expect(search.hits).toEqual(world.expected());
      expect([search.status, search.isSearching]).toEqual(['live', false]);
      expect(search.query).toEqual(world.state.wanted.query);
      expect(search.total.value).toBe(search.hits.length);
    }),
    { numRuns },
  );
}, 600_000);

test('after its end nothing happens any more', () => {
  fc.assert(
    fc.property(steps, steps, (before, after) => {
      const { world, told } = open();
      for (const step of [...before, { do: 'close' } as const, ...after]) world.run(step);
      world.settle();
      expect(told).toEqual({ ends: 1, late: 0 });
      expect(world.state.attachments.size).toBe(0);
    }),
    { numRuns },
  );
}, 600_000);
