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
    /** Of a CPU that the hub alone is to use; the rate for it is found first. */
    load: { type: 'string', default: '0.5' },
    /** Events a second, instead of a load. */
    rate: { type: 'string' },
    seconds: { type: 'string', default: '15' },
    warmup: { type: 'string', default: '5' },
    partitions: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
  },
});
const [sockets, load, seconds, warmup, partitions, rounds] = [
  values.sockets,
  values.load,
  values.seconds,
  values.warmup,
  values.partitions,
  values.rounds,
].map(Number) as [number, number, number, number, number, number];

/** Where the search for a rate begins, its bound, how often it looks, and how near is near. */
const [firstRate, maxRate, calibrations, closeEnough] = [700, 5000, 4, 0.03];

/** How much is sent, and for how long. */
interface Pace {
  readonly rate: number;
  readonly seconds: number;
  readonly warmup: number;
}

interface Figures extends Percentiles {
  /** CPU seconds of the server process by wall seconds. */
  readonly cpuUse: number;
  /** CPU of the server process for each event, with all that it does beside. */
  readonly cpuMicrosPerEvent: number;
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

function startSender(cluster: Cluster, form: SenderOrder['form'], pace: Pace): MeasuredProcess {
  const order: SenderOrder = {
    brokers: cluster.brokers,
    topicPrefix: cluster.prefix,
    partitions,
    events: eventsOf(pace),
    ratePerSecond: pace.rate,
    form,
  };
  return startMeasured('./sender-process.js', 1, [JSON.stringify(order)]);
}

async function connect(clients: MeasuredProcess, port: number, form: SenderOrder['form'], pace: Pace): Promise<void> {
  const auth = { token: benchToken(), protocol: 1, client: 'bench', subscriptions: [{ id: 's', channel: 'assets' }] };
  const order: LatencyOrder = {
    port,
    sockets,
    sampleEvery: 10,
    events: eventsOf(pace),
    warmUpEvents: pace.warmup * pace.rate,
    ...(form === 'hub' ? { connectAuth: auth } : {}),
  };
  const ready = reported<LatencyReport, 'ready'>(clients, 'ready');
  clients.child.send(order);
  await within(30, 'connecting the clients', ready);
}

async function run(server: Server, sender: MeasuredProcess, clients: MeasuredProcess, pace: Pace): Promise<Figures> {
  const finished = reported<LatencyReport, 'result'>(clients, 'result');
  const cpuBefore = cpuSecondsOf(server.pid);
  const startedAt = performance.now();
  const sent = reported<SenderReport, 'sent'>(sender, 'sent');
  sender.child.send('go');
  await within(2 * (pace.warmup + pace.seconds) + 20, 'sending', sent);
  const cpuSeconds = cpuSecondsOf(server.pid) - cpuBefore;
  const cpuUse = cpuSeconds / ((performance.now() - startedAt) / 1000);
  const { latency, samples, bytesPerSocket } = await within(30, 'receiving', finished);
  const cpuMicrosPerEvent = Math.round((cpuSeconds * 1e6) / eventsOf(pace));
  return { ...latency, cpuUse: Number(cpuUse.toFixed(2)), cpuMicrosPerEvent, samples, bytesPerSocket };
}

async function measure(
  form: SenderOrder['form'],
  start: (cluster: Cluster) => Promise<Server>,
  pace: Pace,
): Promise<Figures> {
  const cluster = await openCluster('latency');
  const clients = startMeasured('./latency-process.js', 1);
  const sender = startSender(cluster, form, pace);
  let server: Server | undefined;
  try {
    // makes the topic too
    await within(60, 'preparing the events', reported<SenderReport, 'prepared'>(sender, 'prepared'));
    server = await within(60, 'starting the server', start(cluster));
    await connect(clients, server.port, form, pace);
    return await run(server, sender, clients, pace);
  } finally {
    clients.end();
    sender.end();
    await server?.stop();
    await cluster.clean();
  }
}

function eventsOf({ rate, seconds: measured, warmup: before }: Pace): number {
  return (before + measured) * rate;
}

/** The rate at which the hub alone uses `load` of a CPU. What an event costs falls with the rate, so it is looked for. */
async function rateFor(wanted: number): Promise<number> {
  let rate = firstRate;
  for (let look = 0; look < calibrations; look++) {
    const { cpuUse } = await measure('hub', startHub, { rate, seconds: 5, warmup: 3 });
    if (Math.abs(cpuUse - wanted) <= closeEnough) return rate;
    rate = Math.max(50, Math.min(maxRate, Math.round((rate * wanted) / cpuUse)));
  }
  return rate;
}

const rate = values.rate === undefined ? await rateFor(load) : Number(values.rate);
const pace: Pace = { rate, seconds, warmup };
const params = { sockets, load, rate, seconds, warmup, partitions, rounds };
const runs: { readonly hub: Figures; readonly bare: Figures }[] = [];
for (let round = 0; round < rounds; round++) {
  runs.push({ hub: await measure('hub', startHub, pace), bare: await measure('wire', startPipe, pace) });
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
