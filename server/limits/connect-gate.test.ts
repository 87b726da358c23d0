import { expect, it } from 'vitest';
import type { HubError } from '../../channels/protocol/hub-error.ts';
import { ConnectGate } from './connect-gate.ts';

it('L6: lets a burst in and gives the others slots one after the other', () => {
  let nowMs = 0;
  const gate = new ConnectGate({ ratePerSecond: 100, stopwatch: { elapsedMs: () => nowMs }, random: () => 0 });
  const knock = (): number => {
    try {
      gate.assertCapacity();
      return 0;
    } catch (error) {
      expect((error as HubError).code).toBe('rate-limited');
      return (error as HubError).retryAfterMs ?? -1;
    }
  };
  const answers = Array.from({ length: 1000 }, knock);
  expect(answers.filter((each) => each === 0)).toHaveLength(200);
  const slots = answers.filter((each) => each > 0);
  expect(slots.slice(0, 3)).toEqual([10, 20, 30]);
  expect(slots.at(-1)).toBe(8000);
  nowMs = 1000;
  expect(knock()).toBe(0);
});

it('L6: sends nobody away for longer than half a minute, however many knock', () => {
  let nowMs = 0;
  const gate = new ConnectGate({ ratePerSecond: 1, stopwatch: { elapsedMs: () => nowMs }, random: () => 0 });
  const waits = Array.from({ length: 500 }, () => {
    nowMs += 1;
    try {
      gate.assertCapacity();
      return 0;
    } catch (error) {
      return (error as HubError).retryAfterMs ?? -1;
    }
  });
  expect(Math.max(...waits)).toBe(30_000);
});
