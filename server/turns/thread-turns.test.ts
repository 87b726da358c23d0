import { setImmediate as nextLoop } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { inTurns } from './in-turns.ts';
import { ThreadTurns } from './thread-turns.ts';

/** Time that passes only where work takes it, or a rest does. */
let clock: { nowMs: number };
let turns: ThreadTurns;

beforeEach(() => {
  // of this test alone: what one leaves behind must not make time pass in the next
  const own = { nowMs: 1000 };
  clock = own;
  turns = new ThreadTurns({ elapsedMs: () => own.nowMs }, (run, ms) =>
    setImmediate(() => {
      own.nowMs += ms;
      run();
    }),
  );
});

/** Keeps the thread for that long, in a turn. */
async function work(tenant: string, ms: number, done: string[]): Promise<void> {
  await turns.next(tenant);
  clock.nowMs += ms;
  done.push(tenant);
}

it('L11: whoever is alone has a turn at once, until it has lasted its time', async () => {
  expect(turns.isOver).toBe(true);
  await turns.next('one');
  expect(turns.isOver).toBe(false);
  clock.nowMs += 2;
  expect(turns.isOver).toBe(true);
});

it('L11: the tenant that has had the least time is the next, however many wait', async () => {
  const done: string[] = [];
  await work('busy', 5, done);
  await Promise.all([...Array.from({ length: 6 }, () => work('busy', 2, done)), work('calm', 1, done)]);
  expect(done.indexOf('calm')).toBe(1);
  expect(done).toHaveLength(8);
});

it('L11: a tenant that comes late has no claim to the time before', async () => {
  const done: string[] = [];
  for (let index = 0; index < 20; index++) await work('early', 2, done);
  await Promise.all(Array.from({ length: 5 }, () => [work('late', 2, done), work('early', 2, done)]).flat());
  const after = done.slice(20);
  for (const tenant of ['late', 'early'])
    expect(after.slice(0, 6).filter((each) => each === tenant).length).toBeGreaterThanOrEqual(2);
});

it('L11: long work rests as long as it worked where several tenants have some', async () => {
  const done: string[] = [];
  await work('calm', 1, done);
  await nextLoop();
  await work('busy', 30, done);
  const endedMs = clock.nowMs;
  await work('busy', 0, done);
  expect(clock.nowMs - endedMs).toBeGreaterThanOrEqual(30);
});

it('L11: nobody rests for the time in which the process was frozen', async () => {
  const done: string[] = [];
  await work('calm', 1, done);
  await nextLoop();
  await work('busy', 20_000, done);
  const thawedMs = clock.nowMs;
  await work('calm', 1, done);
  await work('busy', 1, done);
  expect(clock.nowMs - thawedMs).toBeLessThan(1000);
});

it('L11: whoever is alone again does not rest, however long it works', async () => {
  const done: string[] = [];
  await work('calm', 1, done);
  await nextLoop();
  await Promise.all(Array.from({ length: 40 }, () => work('busy', 100, done)));
  const startedMs = clock.nowMs;
  await Promise.all(Array.from({ length: 10 }, () => work('busy', 100, done)));
  expect(clock.nowMs - startedMs).toBe(1000);
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
  clock.nowMs += 5;
  const list = async (name: string): Promise<void> => {
    await inTurns({ turns, tenant: 'one' }, [1, 2, 3], (item) => {
      clock.nowMs += 2;
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
  clock.nowMs += 1100;
  expect(turns.isContended('two')).toBe(false);
});
