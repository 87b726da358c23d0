import { setImmediate as nextLoop, setTimeout as pause } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { inTurns } from './in-turns.ts';
import { testTurns } from '../../test/harness/test-turns.ts';
import type { ThreadTurns } from './thread-turns.ts';

let turns: ThreadTurns;

beforeEach(() => {
  turns = testTurns();
});

/** Keeps the thread. */
function spin(ms: number): void {
  for (const untilMs = performance.now() + ms; performance.now() < untilMs;);
}

async function work(tenant: string, ms: number, done: string[]): Promise<void> {
  await turns.next(tenant);
  spin(ms);
  done.push(tenant);
}

it('L11: whoever is alone has a turn at once, until it has lasted its time', async () => {
  expect(turns.isOver).toBe(true);
  await turns.next('one');
  expect(turns.isOver).toBe(false);
  spin(2);
  expect(turns.isOver).toBe(true);
});

it('L11: the tenant that has had the least time is the next, however many wait', async () => {
  const done: string[] = [];
  await work('busy', 5, done);
  const all = [...Array.from({ length: 6 }, () => work('busy', 2, done)), work('calm', 1, done)];
  await Promise.all(all);
  expect(done.indexOf('calm')).toBeLessThanOrEqual(1);
  expect(done).toHaveLength(8);
});

it('L11: a tenant that comes late has no claim to the time before', async () => {
  const done: string[] = [];
  for (let index = 0; index < 20; index++) await work('early', 2, done);
  const all = Array.from({ length: 5 }, () => [work('late', 2, done), work('early', 2, done)]).flat();
  await Promise.all(all);
  const after = done.slice(20);
  expect(after.slice(0, 6).filter((tenant) => tenant === 'early').length).toBeGreaterThanOrEqual(2);
});

it('L11: long work rests as long as it worked where several tenants have some', async () => {
  await turns.next('calm');
  await nextLoop();
  await turns.next('busy');
  spin(30);
  const endedMs = performance.now();
  await turns.next('busy');
  expect(performance.now() - endedMs).toBeGreaterThan(25);
});

it('lets the event loop go round between two turns', async () => {
  const done: string[] = [];
  const waiting = Promise.all(Array.from({ length: 10 }, () => work('one', 2, done)));
  await nextLoop();
  expect(done.length).toBeLessThan(5);
  await waiting;
  expect(done).toHaveLength(10);
});

it('finishes what was begun before the next of the same tenant', async () => {
  const done: string[] = [];
  await turns.next('one');
  spin(5);
  const list = async (name: string): Promise<void> => {
    await inTurns({ turns, tenant: 'one' }, [1, 2, 3], (item) => {
      spin(2);
      done.push(`${name}${item}`);
    });
  };
  await Promise.all([list('a'), list('b')]);
  expect(done).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
});

it('knows who else has had a turn lately', async () => {
  const done: string[] = [];
  await work('one', 1, done);
  await nextLoop();
  expect(turns.isContended('one')).toBe(false);
  expect(turns.isContended('two')).toBe(true);
  await pause(1100);
  expect(turns.isContended('two')).toBe(false);
});
