/**
 * How long does a change take to the live searches that it concerns, and how often is the index asked for it? The built hub
 * on CPU 0; sessions and changes from this process on CPU 1. See bench/README.md.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { benchTenant } from './load/bench-events.ts';
import { benchToken } from './load/bench-token.ts';
import { Changes } from './load/live-search-changes.ts';
import { LiveSearchClients } from './load/live-search-clients.ts';
import { queryMaker } from './load/live-search-queries.ts';
import { percentile } from './load/percentile.ts';
import { benchAsset } from './load/search-assets.ts';
import { cpuSecondsOf } from './servers/built-hub.ts';
import { openCluster } from './servers/cluster.ts';
import { type HubProcess, startHubProcess } from './servers/hub-process.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    assets: { type: 'string', default: '20000' },
    queries: { type: 'string', default: '200' },
    subscribers: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '30' },
    warmup: { type: 'string', default: '5' },
    profile: { type: 'string' },
  },
});
const params = {
  assets: Number(values.assets),
  queries: Number(values.queries),
  subscribers: Number(values.subscribers),
  rate: Number(values.rate),
  seconds: Number(values.seconds),
  warmup: Number(values.warmup),
};
const token = benchToken();
/** A principal may have only so many requests in progress. */
const senders = Array.from({ length: 8 }, (_, number) => benchToken(['steward'], `sender-${number}`));
let requests = 0;
const connector = 'bench';
const file = {
  connectors: [{ id: connector, format: 'cloudevents', tenant: benchTenant, namespace: 'urn:gov:bench' }],
  policy: {
    version: 1,
    roles: {
      steward: [
        { allow: 'read', kinds: ['asset'] },
        { allow: 'ingest' },
        { allow: 'administer' },
        { allow: 'operate' },
      ],
    },
  },
};

async function call(hub: HubProcess, path: string, type: string, body: string): Promise<void> {
  const sender = senders[(requests += 1) % senders.length] ?? token;
  const headers = { authorization: `Bearer ${sender}`, 'content-type': type };
  const response = await fetch(`http://127.0.0.1:${hub.port}${path}`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

async function load(hub: HubProcess): Promise<void> {
  const perRequest = 1000;
  for (let from = 0; from < params.assets; from += perRequest) {
    const lines = Array.from({ length: Math.min(perRequest, params.assets - from) }, (_, index) => {
      const { urn, type, name, fqn, platform, domain, owners, description, columns } = benchAsset(from + index);
      const named = columns.map(({ name: column }, at) => ({ name: `${column}_${at}`, type: 'text' }));
      return JSON.stringify({ urn, type, name, fqn, platform, domain, owners, description, columns: named });
    });
    await call(hub, `/v1/import/${connector}`, 'application/x-ndjson', lines.join('\n'));
  }
}

/** How often the index was asked again. */
async function requeries(hub: HubProcess): Promise<number> {
  const text = await (
    await fetch(`http://127.0.0.1:${hub.port}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  ).text();
  return [...text.matchAll(/^pursight_search_requeries_total\{reason="(?:list|counts)"\} (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

interface Figures {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Measured extends Figures {
  readonly update: Figures;
  readonly enter: Figures;
  readonly leave: Figures;
  readonly enterP99Ms: number;
  readonly cpuUse: number;
  readonly requeries: number;
  readonly affected: number;
}

function figures(latenciesMs: readonly number[]): Figures {
  const sorted = [...latenciesMs].sort((one, other) => one - other);
  const at = (share: number): number => Number(percentile(sorted, share).toFixed(1));
  return { samples: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** The index has all that was loaded. */
async function untilSearchable(hub: HubProcess): Promise<void> {
  for (;;) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`http://127.0.0.1:${hub.port}/v1/search/index`, { headers });
    const { documents, behind } = (await response.json()) as { documents?: number; behind?: number };
    if (documents === params.assets && behind === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

interface Engine {
  readonly hub: HubProcess;
  stop(): Promise<void>;
}

const flags = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
const limits = {
  PURSIGHT_MAX_CONNECTIONS_PER_ADDRESS: '100000',
  PURSIGHT_MAX_CONNECTIONS_PER_PRINCIPAL: '100000',
};
const signal = values.profile === undefined ? 'SIGKILL' : 'SIGTERM';

async function startEmbedded(): Promise<Engine> {
  const hub = await startHubProcess({ file, environment: limits, flags, isPinned: true });
  return { hub, stop: () => hub.stop(signal) };
}

/** A hub on real servers; Meilisearch is the one that the tests use, with a core of its own if it has one. */
async function startOnMeilisearch(url: string): Promise<Engine> {
  const cluster = await openCluster('livesearch');
  const environment = {
    ...limits,
    PURSIGHT_KAFKA_BROKERS: cluster.brokers,
    PURSIGHT_MONGO_URL: cluster.mongoUrl,
    PURSIGHT_REDIS_URL: cluster.redisUrl,
    PURSIGHT_TOPIC_PREFIX: cluster.prefix,
    PURSIGHT_MEILI_URL: url,
    PURSIGHT_MEILI_KEY: process.env['PURSIGHT_TEST_MEILI_KEY'] ?? '',
  };
  const hub = await startHubProcess({ file, environment, flags, isPinned: true, startSeconds: 120 });
  return {
    hub,
    stop: async () => {
      await hub.stop(signal);
      await cluster.clean();
    },
  };
}

/** Latencies, requeries and what the hub used. */
async function measure({ hub, stop }: Engine): Promise<Measured> {
  const queryOf = queryMaker(params.assets);
  const queries = Array.from({ length: params.queries }, (_, number) => queryOf(number));
  const clients = new LiveSearchClients(queries);
  try {
    await load(hub);
    await untilSearchable(hub);
    await clients.open(hub.port, params.subscribers);
    const changes = new Changes({
      ...{ clients, queries, assets: params.assets, rate: params.rate },
      post: (event) => call(hub, `/v1/ingest/${connector}`, 'application/cloudevents+json', JSON.stringify(event)),
    });
    await changes.send(params.warmup);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    clients.forgetMeasured();
    const [askedBefore, cpuBefore, startedMs] = [await requeries(hub), cpuSecondsOf(hub.pid), performance.now()];
    await changes.send(params.seconds);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const cpuUse = (cpuSecondsOf(hub.pid) - cpuBefore) / ((performance.now() - startedMs) / 1000);
    const asked = (await requeries(hub)) - askedBefore;
    const { update, enter, leave } = clients.latenciesMs;
    const kinds = { update: figures(update), enter: figures(enter), leave: figures(leave) };
    return {
      ...figures([...update, ...enter, ...leave]),
      ...kinds,
      enterP99Ms: kinds.enter.p99Ms,
      cpuUse: Number(cpuUse.toFixed(2)),
      requeries: asked,
      affected: clients.affected,
    };
  } finally {
    clients.close();
    await stop();
  }
}

spawnSync('taskset', ['-acp', '1', String(process.pid)], { stdio: 'ignore' });
const embedded = await measure(await startEmbedded());
const meiliUrl = process.env['PURSIGHT_TEST_MEILI_URL'];
const meili = meiliUrl === undefined ? undefined : await measure(await startOnMeilisearch(meiliUrl));
const all = [embedded, ...(meili === undefined ? [] : [meili])];
const sum = (member: 'requeries' | 'affected'): number => all.reduce((total, each) => total + each[member], 0);
const result = {
  bench: 'livesearch',
  params,
  embedded,
  ...(meili && { meili }),
  ratio: { requeriesToAffected: Number((sum('requeries') / sum('affected')).toFixed(3)) },
};
console.log(values.json ? JSON.stringify(result) : JSON.stringify(result, undefined, 2));
