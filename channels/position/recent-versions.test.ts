import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecentVersions } from './recent-versions.ts';

it('D3: knows a version and every lower one, and says since when it knows all', () => {
  const versions = new RecentVersions({ sinceMs: 1000, keepMs: 100, maxEntities: 10 });
  expect([versions.add('a', 2, 1010), versions.add('a', 2, 1011), versions.add('a', 1, 1012)]).toEqual([
    true,
    false,
    false,
  ]);
  expect([versions.add('a', 3, 1050), versions.of('a'), versions.of('b'), versions.sinceMs]).toEqual([
    true,
    3,
    0,
    1000,
  ]);
  versions.add('b', 1, 1200);
  expect([versions.of('a'), versions.sinceMs]).toEqual([3, 1000]);
  versions.add('b', 2, 1400);
  expect([versions.of('a'), versions.of('b'), versions.sinceMs]).toEqual([0, 2, 1200]);
});

it('forgets early rather than hold more than twice what it may', () => {
  const versions = new RecentVersions({ sinceMs: 0, keepMs: 1e9, maxEntities: 10 });
  for (let index = 0; index < 1000; index++) versions.add(`e${index}`, 1, index);
  expect(versions.all.size).toBeLessThanOrEqual(20);
  expect(versions.sinceMs).toBeGreaterThan(970);
});

it('D3: whatever comes, what the log took since then is known', () => {
  const record = fc.record({ entity: fc.constantFrom('a', 'b', 'c', 'd'), version: fc.integer({ min: 1, max: 9 }) });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(record, fc.nat(60)), { maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      (steps, max) => {
        const versions = new RecentVersions({ sinceMs: 0, keepMs: 100, maxEntities: max });
        const heard: { entity: string; version: number; atMs: number }[] = [];
        let atMs = 0;
        for (const [{ entity, version }, passedMs] of steps) {
          atMs += passedMs;
          const known = Math.max(
            0,
            ...heard
              .filter((each) => each.entity === entity && each.atMs > versions.sinceMs)
              .map((each) => each.version),
          );
          const isNew = versions.add(entity, version, atMs);
          if (version <= known) expect(isNew).toBe(false);
          heard.push({ entity, version, atMs });
        }
      },
    ),
  );
});
