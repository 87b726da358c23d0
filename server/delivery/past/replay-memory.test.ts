import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ReplayMemory } from './replay-memory.ts';
import type { RoomHistory } from './room-history.ts';
import type { Replay } from './replay.ts';

const cursor = { epoch: '1', vector: [0], marks: [] };
const replay = (bytes: number): Replay => ({ from: cursor, to: cursor, pieces: [], events: 0, bytes });
const history = (bytes: number): RoomHistory => ({ bytes }) as RoomHistory;

let memory: ReplayMemory;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  memory = new ReplayMemory(80_000, { elapsedMs: () => Date.now() });
});
afterEach(() => {
  memory.stop();
  vi.useRealTimers();
});

it('L7: keeps what is ready within its half, whatever there is more', () => {
  for (let index = 0; index < 100; index++) {
    memory.keepHistory(`h${index}`, history(3000));
    memory.keepReplay(`r${index}`, replay(3000));
  }
  expect(memory.bytes.kept).toBeLessThanOrEqual(40_000);
  expect(memory.replay('r99')).toBeDefined();
  memory.keepHistory('grown', history(1_000_000));
  expect(memory.bytes.kept).toBeLessThanOrEqual(40_000);
});

it('L7: gives back what nobody asks for any more, by itself', () => {
  memory.keepReplay('r', replay(3000));
  memory.keepHistory('h', history(3000));
  vi.advanceTimersByTime(6000);
  expect([memory.replay('r'), memory.bytes.kept > 0]).toEqual([undefined, true]);
  vi.advanceTimersByTime(20_000);
  expect(memory.bytes.kept).toBe(0);
});

it('L7: counts what is sent once, however many get it, and gives it back with the last of them', () => {
  const shared = replay(9000);
  const releases = ['a', 'b', 'c'].map((owner) => memory.hold(owner, shared));
  expect(memory.bytes.sent).toBe(9000);
  for (const release of [...releases, ...releases]) release();
  expect(memory.bytes.sent).toBe(0);
});

it('L7: lets one owner hold a quarter of it, all together no more than there is, and says when to ask again', () => {
  const busy = expect.objectContaining({ code: 'rate-limited', retryAfterMs: 1000 });
  const release = memory.hold('a', replay(9000));
  expect(() => memory.hold('a', replay(2000))).toThrow(busy);
  for (const owner of ['b', 'c', 'd']) memory.hold(owner, replay(9000));
  expect(() => memory.hold('e', replay(9000))).toThrow(busy);
  release();
  memory.hold('e', replay(9000));
});
