/**
 * What the embedded hub costs: taking documents in by import and events by HTTP, the room that they take on the disk, a
 * start right after a kill, and finding documents by their head fields. See bench/README.md.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchToken } from './load/bench-token.ts';
import { cloudEvent } from './load/cloud-events.ts';
import { assetLine, findFilters } from './load/bench-assets.ts';
import { percentile } from './load/percentile.ts';
import { cpuSecondsOf } from './servers/built-hub.ts';
import { benchConnector, type EmbeddedHub, startEmbeddedHub } from './servers/embedded-hub.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    documents: { type: 'string', default: '50000' },
    events: { type: 'string', default: '125000' },
    entities: { type: 'string', default: '20000' },
    parallel: { type: 'string', default: '4' },
    finds: { type: 'string', default: '50' },
    main: { type: 'string' },
    profile: { type: 'string' },
  },
});
const params = {
  documents: Number(values.documents),
  events: Number(values.events),
  entities: Number(values.entities),
  parallel: Number(values.parallel),
  finds: Number(values.finds),
};
const linesPerImport = 5000;
const eventsPerBatch = 100;
const token = benchToken();

interface Cost {
  readonly perCpuSecond: number;
  readonly jsonBytes: number;
  readonly diskBytes: number;
}

async function call(hub: EmbeddedHub, path: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) };
  const response = await fetch(`${hub.url}${path}`, { ...init, headers });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer).slice(0, 500)}`);
  return answer;
}

/** Posts all bodies, a few at once. */
async function postAll(
  hub: EmbeddedHub,
  path: string,
  type: string,
  bodies: Iterator<string>,
  parallel: number,
): Promise<number> {
  let bytes = 0;
  const lane = async (): Promise<void> => {
    for (let next = bodies.next(); next.done !== true; next = bodies.next()) {
      bytes += Buffer.byteLength(next.value);
      await call(hub, path, { method: 'POST', body: next.value, headers: { 'content-type': type } });
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return bytes;
}

function bytesOf(folder: string): number {
  return readdirSync(join(folder, 'data')).reduce((sum, name) => sum + statSync(join(folder, 'data', name)).size, 0);
}

/** What is done behind the answers counts too. */
async function untilIdle(pid: number): Promise<void> {
  for (let before = Number.NEGATIVE_INFINITY; cpuSecondsOf(pid) - before > 0.03;) {
    before = cpuSecondsOf(pid);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function costOf(hub: EmbeddedHub, folder: string, count: number, work: () => Promise<number>): Promise<Cost> {
  const [cpuBefore, diskBefore] = [cpuSecondsOf(hub.pid), bytesOf(folder)];
  const jsonBytes = await work();
  await untilIdle(hub.pid);
  const cpuSeconds = cpuSecondsOf(hub.pid) - cpuBefore;
  return { perCpuSecond: Math.round(count / cpuSeconds), jsonBytes, diskBytes: bytesOf(folder) - diskBefore };
}

function* imports(): Generator<string, undefined> {
  for (let start = 0; start < params.documents; start += linesPerImport) {
    const length = Math.min(linesPerImport, params.documents - start);
    yield Array.from({ length }, (_, index) => assetLine(start + index)).join('\n');
  }
}

function* batches(): Generator<string, undefined> {
  for (let start = 0; start < params.events; start += eventsPerBatch) {
    const length = Math.min(eventsPerBatch, params.events - start);
    yield JSON.stringify(Array.from({ length }, (_, index) => cloudEvent(start + index, params.entities)));
  }
}

/** The first page of 100 of each filter, and the one after it. */
async function findMs(hub: EmbeddedHub): Promise<Readonly<Record<string, readonly number[]>>> {
  const times: Record<string, number[]> = {};
  for (let round = 0; round < params.finds; round++) {
    for (const [name, filter] of Object.entries(findFilters(round, params.documents))) {
      const startedMs = performance.now();
      const found = await call(hub, `/v1/documents?limit=100&filter=${encodeURIComponent(JSON.stringify(filter))}`);
      (times[name] ??= []).push(performance.now() - startedMs);
      if ((found['documents'] as unknown[]).length === 0) throw new Error(`${name}: nothing found`);
    }
  }
  return times;
}

function msAt(times: readonly number[], share: number): number {
  const sorted = [...times].sort((one, other) => one - other);
  return Number(percentile(sorted, share).toFixed(1));
}

async function measure(folder: string): Promise<object> {
  const flags = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  const start = (): Promise<EmbeddedHub> =>
    startEmbeddedHub({ folder, flags, ...(values.main === undefined ? {} : { main: values.main }) });
  let hub = await start();
  try {
    const imported = await costOf(hub, folder, params.documents, () =>
      postAll(hub, `/v1/import/${benchConnector}`, 'application/x-ndjson', imports(), 1),
    );
    const found = await findMs(hub);
    const taken = await costOf(hub, folder, params.events, () =>
      postAll(hub, `/v1/ingest/${benchConnector}`, 'application/cloudevents-batch+json', batches(), params.parallel),
    );
    await hub.stop(values.profile === undefined ? 'SIGKILL' : 'SIGTERM');
    hub = await start();
    const over = ({ diskBytes, jsonBytes }: Cost, count: number): number => Math.round((diskBytes - jsonBytes) / count);
    return {
      import: { documentsPerCpuSecond: imported.perCpuSecond },
      ingest: { eventsPerCpuSecond: taken.perCpuSecond },
      disk: {
        bytesPerDocumentOverJson: over(imported, params.documents),
        bytesPerEventOverJson: over(taken, params.events),
      },
      start: { readyMs: Math.round(hub.readyMs) },
      find: {
        p99Ms: msAt(Object.values(found).flat(), 0.99),
        p50MsOf: Object.fromEntries(Object.entries(found).map(([name, times]) => [name, msAt(times, 0.5)])),
      },
    };
  } finally {
    await hub.stop('SIGTERM');
  }
}

const folder = mkdtempSync(join(tmpdir(), 'pursight-bench-'));
try {
  const result = { bench: 'embedded', params, ...(await measure(folder)) };
  console.log(values.json ? JSON.stringify(result) : JSON.stringify(result, undefined, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
