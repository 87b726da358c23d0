/**
 * How smooth is the catalog of the dashboard in a real browser while it changes? See bench/README.md. Needs Chromium.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { mintSignInCode } from '../server/dashboard/sign-in.ts';
import { benchTenant } from './load/bench-events.ts';
import { benchSecret, benchToken } from './load/bench-token.ts';
import { percentile } from './load/percentile.ts';
import { benchConnector, startEmbeddedHub } from './servers/embedded-hub.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rows: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '30' },
  },
});
const params = { rows: Number(values.rows), rate: Number(values.rate), seconds: Number(values.seconds) };
const batchesPerSecond = 20;
const rowsPerPost = 500;
/** Of each second change, so that some are always on the screen. */
const firstRows = 25;
const executablePath = process.env['PURSIGHT_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const token = benchToken();
let serial = 0;

function event(row: number, owner: string): object {
  const name = `asset_${String(row).padStart(6, '0')}`;
  const asset = { type: 'table', name, domain: `domain${row % 20}`, platform: 'snowflake', owners: [{ id: owner }] };
  return {
    ...{ specversion: '1.0', id: `b${(serial += 1)}`, source: '/bench', type: 'gov.asset.updated', subject: name },
    data: { asset },
  };
}

async function post(url: string, events: readonly object[]): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents-batch+json' };
  const path = `${url}/v1/ingest/${benchConnector}`;
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(events) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

/** Sends changes at the rate; an owner says when its change was sent. */
async function change(url: string): Promise<void> {
  const perBatch = Math.round(params.rate / batchesPerSecond);
  const startMs = Date.now();
  for (let batch = 0; batch < params.seconds * batchesPerSecond; batch += 1) {
    await pause(Math.max(0, startMs + (batch * 1000) / batchesPerSecond - Date.now()));
    const events = Array.from({ length: perBatch }, (_, i) => {
      const row = i % 2 === 0 ? (batch * perBatch + i) % firstRows : (batch * 7919 + i * 104_729) % params.rows;
      return event(row, `t${Date.now()}`);
    });
    await post(url, events);
  }
}

/** In the page: the time of each frame, and how old each change is in the frame after the one in which it is shown first. */
const watch = `(() => {
  const seen = { frames: [], delays: [] };
  const known = new Set();
  let last = performance.now();
  const frame = (now) => {
    seen.frames.push(now - last);
    last = now;
    for (const cell of document.querySelectorAll('.grid-row .tag')) {
      const text = cell.textContent;
      if (!/^t\\d{13}$/.test(text) || known.has(text)) continue;
      known.add(text);
      seen.delays.push(Date.now() - Number(text.slice(1)));
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  globalThis.benchSeen = seen;
})()`;

interface Seen {
  readonly frames: readonly number[];
  readonly delays: readonly number[];
}

async function metricsOf(session: CDPSession): Promise<Readonly<Record<string, number>>> {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((one, other) => one - other);
const rounded = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** Frames a second of which 95 of 100 frames are better. */
function fpsOf(frames: readonly number[]): number {
  return rounded(1000 / percentile(sorted(frames.slice(1)), 0.95));
}

interface Measured {
  readonly fps: number;
  readonly scriptMsP95: number;
  readonly delays: readonly number[];
  readonly longFrames: number;
}

/** Measures while `work` runs. The time of scripts is read ten times a second and shared out over the frames between. */
async function measure(page: Page, session: CDPSession, work: Promise<void>): Promise<Measured> {
  await page.evaluate('benchSeen.frames.length = 0; benchSeen.delays.length = 0');
  let isOver = false;
  void work.finally(() => (isOver = true));
  const perFrame: number[] = [];
  let [script, frames] = [(await metricsOf(session))['ScriptDuration'] ?? 0, 0];
  while (!isOver) {
    await pause(100);
    const now = (await metricsOf(session))['ScriptDuration'] ?? 0;
    const count = Number(await page.evaluate('benchSeen.frames.length'));
    if (count > frames) perFrame.push(((now - script) * 1000) / (count - frames));
    [script, frames] = [now, count];
  }
  await work;
  const seen: Seen = JSON.parse(String(await page.evaluate('JSON.stringify(benchSeen)')));
  return {
    fps: fpsOf(seen.frames),
    scriptMsP95: rounded(percentile(sorted(perFrame), 0.95), 2),
    delays: seen.delays,
    longFrames: seen.frames.filter((ms) => ms > 50).length,
  };
}

const hub = await startEmbeddedHub({});
const browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (let from = 0; from < params.rows; from += rowsPerPost)
    await post(
      hub.url,
      Array.from({ length: Math.min(rowsPerPost, params.rows - from) }, (_, i) => event(from + i, 'nobody')),
    );
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const code = mintSignInCode({ jwtSecret: benchSecret, issuer: 'pursight', tenant: benchTenant });
  await page.goto(`${hub.url}/#code=${code}&role=steward`);
  await page.locator(`[role=grid][aria-rowcount="${params.rows + 1}"]`).waitFor({ timeout: 60_000 });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await page.evaluate(watch);
  const heapMb = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    return rounded(((await metricsOf(session))['JSHeapUsedSize'] ?? 0) / 1e6);
  };
  await pause(2000);
  const idle = await measure(page, session, pause(5000));
  const heapBefore = await heapMb();
  const { fps, scriptMsP95, delays, longFrames } = await measure(page, session, change(hub.url));
  await pause(500);
  const result = {
    bench: 'dashboard',
    params,
    ...{ fps, idleFps: idle.fps, scriptMsP95, longFrames },
    changesSeen: delays.length,
    changeToPaintMsP50: percentile(sorted(delays), 0.5),
    changeToPaintMsP95: percentile(sorted(delays), 0.95),
    heapMb: { before: heapBefore, after: await heapMb() },
  };
  console.log(values.json ? JSON.stringify(result) : result);
} finally {
  await browser.close();
  await hub.stop();
}
