import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Attack, AttackReport } from '../../bench/attacks/attack.ts';
import { Witness } from '../../bench/load/witness.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi } from '../harness/hub-api.ts';
import { openRawSession, request } from '../harness/raw-socket.ts';
import { attackSeconds, mostRssBytes, type World } from './world.ts';

/**
 * Far above what is seen on a quiet machine (some hundred milliseconds), because both sides share two cores with whatever
 * else runs. Who is starved waits for half a minute or for ever; how fair the rest is, bench/fairness.ts measures.
 */
const [mostLiveMs, mostHealthMs, mostViewMs] = [10_000, 5000, 12_000];
const ratePerSecond = 20;

export interface Siege {
  readonly attack: AttackReport;
  readonly liveMs: { readonly median: number; readonly worst: number };
  readonly worstHealthMs: number;
  readonly worstViewMs: number;
  readonly peakRssBytes: number;
}

export function rssOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1024;
}

/** A hub that has ended says why in its log only. */
async function alive(world: World): Promise<never> {
  const code = await world.hub.exited;
  throw new Error(`the hub ended with ${code}: ${world.hub.log().slice(-2000)}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

async function openView(world: World, since: string): Promise<void> {
  const socket = await openRawSession(world.hub.url, world.victimToken);
  try {
    for (const extra of [{ mode: 'view' }, { since }]) {
      const id = Object.keys(extra)[0] ?? '';
      expect(await request(socket, 'subscribe', { id, channel: 'assets', ...extra })).toMatchObject({ ok: true });
      await socket.until((message) => message === `42["live",{"id":"${id}"}]`, { timeoutMs: mostViewMs });
    }
  } finally {
    socket.destroy();
  }
}

/**
 * Somebody else's connection, view and resume, which must not wait for the attacker either. A hub that has lost records of
 * the log ends a connection whose snapshot is under way, and its client comes again.
 */
async function openViewAgain(world: World, since: string): Promise<void> {
  return openView(world, since).catch((error: Error) => {
    if (!error.message.startsWith('the connection ended')) throw error;
    return openView(world, since);
  });
}

/** The worst of something that is looked at again and again until `isOver`. */
async function worstOf(isOver: () => boolean, look: () => Promise<number>, everyMs: number): Promise<number> {
  let worst = 0;
  while (!isOver()) {
    worst = Math.max(worst, await look());
    await pause(everyMs);
  }
  return worst;
}

/**
 * Runs an attack of one tenant, while another works and is watched. Whatever the attack is: the hub stays, answers, needs
 * no more memory than an operator was told, and the other tenant hardly notices.
 */
export async function besiege(world: World, attack: Attack, seconds = attackSeconds): Promise<Siege> {
  return Promise.race([watch(world, attack, seconds), alive(world)]);
}

async function watch(world: World, attack: Attack, seconds: number): Promise<Siege> {
  const { hub, port } = world;
  const since = new Date(Date.now() - 1000).toISOString();
  const witness = new Witness({ port, token: world.victimToken, connector: world.victimConnector, ratePerSecond });
  await witness.start();
  let isOver = false;
  const watching = Promise.all([
    worstOf(
      () => isOver,
      () => timed(async () => expect(await callApi(hub.url, '/healthz')).toMatchObject({ status: 200 })),
      100,
    ),
    worstOf(
      () => isOver,
      () => timed(() => openViewAgain(world, since)),
      300,
    ),
    worstOf(
      () => isOver,
      async () => rssOf(hub.pid),
      100,
    ),
  ]);
  // what goes wrong while one watches is for below
  watching.catch(() => undefined);
  const report = await attack({
    port,
    tokens: world.attackerTokens,
    connector: world.attackerConnector,
    since: '2020-01-01T00:00:00Z',
    seconds,
  });
  witness.pause();
  await witness.settled();
  isOver = true;
  const [worstHealthMs, worstViewMs, peakRssBytes] = await watching;
  const { fault } = witness;
  const sorted = witness.latencies().toSorted((a, b) => a - b);
  witness.stop();
  expect(fault).toBeUndefined();
  const liveMs = { median: sorted[sorted.length >> 1] ?? Number.NaN, worst: sorted.at(-1) ?? Number.NaN };
  return { attack: report, liveMs, worstHealthMs, worstViewMs, peakRssBytes };
}

/** What holds after every attack. */
export async function expectUnshaken(
  world: World,
  siege: Siege,
  { errors = 'none' }: { readonly errors?: 'none' | 'told' } = {},
): Promise<void> {
  expect(siege.liveMs.worst, 'live events of the other tenant').toBeLessThan(mostLiveMs);
  expect(siege.worstHealthMs, '/healthz').toBeLessThan(mostHealthMs);
  expect(siege.worstViewMs, 'a view of the other tenant').toBeLessThan(mostViewMs);
  expect(siege.peakRssBytes, 'memory').toBeLessThan(mostRssBytes);
  await eventually(async () => expect((await callApi(world.hub.url, '/readyz')).body).toMatchObject({ status: 'ok' }));
  // the end of the process, or a fault that nobody saw coming
  expect(world.hub.log()).not.toMatch(/"level":60|nobody looked|uncaught/i);
  if (errors === 'none') expect(world.hub.log()).not.toContain('"level":50');
}

export function tell(name: string, { attack, liveMs, worstHealthMs, worstViewMs, peakRssBytes }: Siege): void {
  const figures = [liveMs.median, liveMs.worst, worstHealthMs, worstViewMs].map(Math.round);
  const line = `live p50/max ${figures[0]}/${figures[1]} ms, health ${figures[2]}, view ${figures[3]}, rss ${peakRssBytes >> 20} MiB`;
  console.log(`${name}: ${line} ${JSON.stringify(attack)}`);
}
