/**
 * From the time at which an event was to be produced to Kafka until it is at the client, at about half load: the built
 * hub in cluster mode against a bare kafkajs -> uWS pipe. See bench/README.md.
 */
// first, so that the processes started from here inherit its base
import './load/latency-clock.ts';
import { parseArgs } from 'node:util';
import { benchToken } from './load/bench-token.ts';
import type { LatencyOrder, LatencyReport, Percentiles } from './load/latency-process.ts';
import { type MeasuredProcess, startMeasured } from './load/measured-process.ts';
import { mediansOf, medianRatio } from './load/rounds.ts';
import type { SenderOrder, SenderReport } from './load/sender-process.ts';
import { cpuSecondsOf, startBuiltHub } from './servers/built-hub.ts';
import { type Cluster, openCluster, within } from './servers/cluster.ts';
import type { ServerReport } from './servers/messages.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sockets: { type: 'string', default: '100' },
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '15' },
    warmup: { type: 'string', default: '5' },
    partitions: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
  },
});
const [sockets, rate, seconds, warmup, partitions] = [
  values.sockets,
  values.rate,
  values.seconds,
  values.warmup,
  values.partitions,
].map(Number) as [number, number, number, number, number];
const rounds = Number(values.rounds);
const params = { sockets, rate, seconds, warmup, partitions, rounds };

interface Figures extends Percentiles {
  /** CPU seconds of the server process by wall seconds. */
  readonly cpuUse: number;
  readonly samples: number;
  readonly bytesPerSocket: number;
}

interface Server {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

async function startHub(cluster: Cluster): Promise<Server> {
  return startBuiltHub({ cluster, components: 'gateway', logPartitions: partitions, connectors: [] });
}

async function startPipe(cluster: Cluster): Promise<Server> {
  const server = startMeasured('../servers/bare-pipe-server.js', 0, [
    cluster.brokers,
    `${cluster.prefix}.events.1`,
    String(partitions),
  ]);
  const port = await server.next((message: ServerReport) => (message.type === 'listening' ? message.port : undefined));
  return { port, pid: server.child.pid ?? 0, stop: async () => server.end() };
}

/** The next report of this type. Rejects with the reason when the process says that it failed. */
async function reported<Report extends { readonly type: string }, Type extends Report['type']>(
  from: MeasuredProcess,
  type: Type,
): Promise<Extract<Report, { readonly type: Type }>> {
  const message = await from.next((each: Report) => (each.type === type || each.type === 'failed' ? each : undefined));
  if (message.type === 'failed' && 'reason' in message) throw new Error(String(message.reason));
  return message as Extract<Report, { readonly type: Type }>;
}

function startSender(cluster: Cluster, form: SenderOrder['form']): MeasuredProcess {
  const order: SenderOrder = {
    brokers: cluster.brokers,
    topicPrefix: cluster.prefix,
    partitions,
    events: (warmup + seconds) * rate,
    ratePerSecond: rate,
    form,
  };
  return startMeasured('./sender-process.js', 1, [JSON.stringify(order)]);
}

async function connect(load: MeasuredProcess, port: number, form: SenderOrder['form']): Promise<void> {
  const auth = { token: benchToken(), protocol: 1, client: 'bench', subscriptions: [{ id: 's', channel: 'assets' }] };
  const order: LatencyOrder = {
    port,
    sockets,
    sampleEvery: 10,
    events: (warmup + seconds) * rate,
    warmUpEvents: warmup * rate,
    ...(form === 'hub' ? { connectAuth: auth } : {}),
  };
  const ready = reported<LatencyReport, 'ready'>(load, 'ready');
  load.child.send(order);
  await within(30, 'connecting the clients', ready);
}

async function run(server: Server, sender: MeasuredProcess, load: MeasuredProcess): Promise<Figures> {
  const finished = reported<LatencyReport, 'result'>(load, 'result');
  const cpuBefore = cpuSecondsOf(server.pid);
  const startedAt = performance.now();
  const sent = reported<SenderReport, 'sent'>(sender, 'sent');
  sender.child.send('go');
  await within(2 * (warmup + seconds) + 20, 'sending', sent);
  const cpuUse = (cpuSecondsOf(server.pid) - cpuBefore) / ((performance.now() - startedAt) / 1000);
  const { latency, samples, bytesPerSocket } = await within(30, 'receiving', finished);
  return { ...latency, cpuUse: Number(cpuUse.toFixed(2)), samples, bytesPerSocket };
}

async function measure(form: SenderOrder['form'], start: (cluster: Cluster) => Promise<Server>): Promise<Figures> {
  const cluster = await openCluster('latency');
  const load = startMeasured('./latency-process.js', 1);
  const sender = startSender(cluster, form);
  let server: Server | undefined;
  try {
    // makes the topic too
    await within(60, 'preparing the events', reported<SenderReport, 'prepared'>(sender, 'prepared'));
    server = await within(60, 'starting the server', start(cluster));
    await connect(load, server.port, form);
    return await run(server, sender, load);
  } finally {
    load.end();
    sender.end();
    await server?.stop();
    await cluster.clean();
  }
}

const runs: { readonly hub: Figures; readonly bare: Figures }[] = [];
for (let round = 0; round < rounds; round++) {
  runs.push({ hub: await measure('hub', startHub), bare: await measure('wire', startPipe) });
}
const hub = mediansOf(runs.map((run) => run.hub));
const bare = mediansOf(runs.map((run) => run.bare));
const ratioOf = (key: keyof Percentiles): number => medianRatio(runs, (each) => each.hub[key] / each.bare[key]);
const result = {
  bench: 'latency',
  params,
  hub,
  bare,
  ratio: { p50ToBare: ratioOf('p50Ms'), p99ToBare: ratioOf('p99Ms') },
  runs,
};
if (values.json) console.log(JSON.stringify(result));
else console.table({ hub, 'bare kafkajs -> uWS': bare, ratio: result.ratio });
