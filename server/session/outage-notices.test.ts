import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { NoticeMessage } from '../../channels/protocol/down.ts';
import { noticeText } from '../../test/harness/notices.ts';
import type { Health } from '../observability/health.ts';
import { OutageNotices } from './outage-notices.ts';

let reached: Health['dependencies'];
let told: string[];
let nowMs: number;
let outages: OutageNotices;

async function passMs(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1000) {
    nowMs += 1000;
    await vi.advanceTimersByTimeAsync(1000);
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  [reached, told, nowMs] = [{ catalog: 'up', log: 'up', controlBus: 'up' }, [], 1_000_000];
  outages = new OutageNotices({
    look: async () => reached,
    stopwatch: { elapsedMs: () => nowMs },
    publishAll: (packet) => {
      const [name, message] = JSON.parse(packet.slice(1)) as [string, NoticeMessage];
      told.push(`${name} ${noticeText(message)}`);
    },
  });
  outages.start();
});
afterEach(async () => {
  await outages.stop();
  vi.useRealTimers();
});

it('tells what is away for 5 s, and that it is back, each once', async () => {
  await passMs(3000);
  reached = { ...reached, catalog: 'down' };
  await passMs(5000);
  expect(told).toEqual([]);
  await passMs(3000);
  expect(told).toEqual(['notice degraded catalog']);
  reached = { ...reached, controlBus: 'down' };
  await passMs(6000);
  reached = { catalog: 'up', log: 'up', controlBus: 'up' };
  await passMs(3000);
  expect(told).toEqual([
    'notice degraded catalog',
    'notice degraded controlBus',
    'notice restored catalog',
    'notice restored controlBus',
  ]);
});

it('tells when a search index that is shared is away; one that is being built is not', async () => {
  reached = { ...reached, search: 'building' };
  await passMs(8000);
  expect(told).toEqual([]);
  reached = { ...reached, search: 'down' };
  await passMs(8000);
  reached = { ...reached, search: 'up' };
  await passMs(2000);
  expect(told).toEqual(['notice degraded search', 'notice restored search']);
});

it('tells nothing of what is away again and again for a moment', async () => {
  for (let round = 0; round < 5; round++) {
    reached = { ...reached, catalog: 'down' };
    await passMs(4000);
    reached = { ...reached, catalog: 'up' };
    await passMs(1000);
  }
  expect(told).toEqual([]);
});

it('tells of the log what its reader says, at once', () => {
  outages.tell('log', 'down');
  outages.tell('log', 'down');
  outages.tell('log', 'up');
  expect(told).toEqual(['notice stale', 'notice fresh']);
});

it('knows what a session that begins now must be told', async () => {
  expect(outages.current).toEqual([]);
  outages.tell('log', 'down');
  reached = { ...reached, catalog: 'down' };
  await passMs(7000);
  expect(outages.current.map(noticeText)).toEqual(['stale', 'degraded catalog']);
  outages.tell('log', 'up');
  expect(outages.current.map(noticeText)).toEqual(['degraded catalog']);
});
