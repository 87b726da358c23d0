/**
 * Kafka -> MongoDB -> Kafka: how fast does the built hub take messages in that wait in a topic, against a script that
 * only upserts the same documents and produces the same events? See bench/README.md.
 */
import { parseArgs } from 'node:util';
import { prepareLogTopic } from '../adapters/kafka/kafka-log-topic.ts';
import { benchTenant } from './load/bench-events.ts';
import { benchNamespace, produceCloudEvents } from './load/cloud-events.ts';
import { startMeasured } from './load/measured-process.ts';
import { medianRatio, mediansOf } from './load/rounds.ts';
import type { BareIngestOrder } from './servers/bare-ingest-server.ts';
import { cpuSecondsOf, startBuiltHub } from './servers/built-hub.ts';
import { type Cluster, openCluster, within } from './servers/cluster.ts';
import type { ServerReport } from './servers/messages.ts';
import { readTopic, type TopicRecord } from './servers/read-topic.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    events: { type: 'string', default: '60000' },
    entities: { type: 'string', default: '2000' },
    partitions: { type: 'string', default: '4' },
    bareBatch: { type: 'string', default: '250' },
    rounds: { type: 'string', default: '3' },
    warmup: { type: 'string', default: '10000' },
    profile: { type: 'string' },
  },
});
const params = {
  events: Number(values.events),
  entities: Number(values.entities),
  partitions: Number(values.partitions),
  bareBatch: Number(values.bareBatch),
  rounds: Number(values.rounds),
  warmup: Number(values.warmup),
};
const { events, entities, partitions, warmup } = params;
if (!(warmup >= 0 && warmup < events)) throw new Error('--warmup: must be less than --events');
const logPartitions = 8;
const maxSeconds = 120;

interface Figures {
  /** Of the events after the warm-up. */
  readonly eventsPerSecond: number;
  /** Of all events. */
  readonly eventsPerCpuSecond: number;
}

/**
 * From the end of the warm-up to the last append by the broker's clock: starting up, joining the group and compiling are
 * not what is measured.
 */
function figuresOf(records: readonly TopicRecord[], cpuSeconds: number): Figures {
  const times = records.map(({ appendedAtMs }) => appendedAtMs).sort((one, other) => one - other);
  const [first = 0, last = 0] = [times[warmup], times.at(-1)];
  const later = times.filter((time) => time > first).length;
  return {
    eventsPerSecond: Math.round((later * 1000) / (last - first)),
    eventsPerCpuSecond: Math.round(events / cpuSeconds),
  };
}

/** Every version of every entity once, and nothing else. */
function verify(what: string, records: readonly TopicRecord[]): void {
  const seen = new Set<string>();
  for (const { value } of records) {
    const event = JSON.parse(value) as { readonly subject: string; readonly data: { readonly version: number } };
    seen.add(`${event.subject}|${event.data.version}`);
  }
  if (records.length !== events || seen.size !== events)
    throw new Error(`${what}: ${records.length} records with ${seen.size} versions, not ${events}`);
  for (let index = 0; index < events; index++) {
    const version = `${benchNamespace}:table-${index % entities}|${Math.floor(index / entities) + 1}`;
    if (!seen.has(version)) throw new Error(`${what}: ${version} is missing`);
  }
}

/** Asks only for the ends of the topic: reading it would take time from what is measured. */
async function untilFull({ kafka }: Cluster, topic: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const deadlineMs = performance.now() + maxSeconds * 1000;
    for (let count = 0; count < events;) {
      if (performance.now() > deadlineMs)
        throw new Error(`${topic}: ${count} of ${events} events after ${maxSeconds} s`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      count = (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0);
    }
  } finally {
    await admin.disconnect();
  }
}

async function finish(cluster: Cluster, topic: string, cpuSeconds: number): Promise<Figures> {
  const records = await within(60, `reading ${topic}`, readTopic(cluster.kafka, topic, events));
  verify(topic, records);
  return figuresOf(records, cpuSeconds);
}

async function measureHub(cluster: Cluster, topic: string): Promise<Figures> {
  const connector = { id: 'bench', format: 'cloudevents', topic, tenant: benchTenant, namespace: benchNamespace };
  const flags = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  const hub = await startBuiltHub({
    cluster,
    components: 'ingest,api',
    logPartitions,
    connectors: [connector],
    flags,
  });
  const log = `${cluster.prefix}.events.1`;
  try {
    const before = cpuSecondsOf(hub.pid);
    await untilFull(cluster, log);
    const cpuSeconds = cpuSecondsOf(hub.pid) - before;
    await hub.stop();
    return await finish(cluster, log, cpuSeconds);
  } finally {
    await hub.stop();
  }
}

async function createTarget(cluster: Cluster, topic: string): Promise<void> {
  const admin = cluster.kafka.admin();
  await admin.connect();
  await prepareLogTopic(admin, { topic, partitionCount: logPartitions });
  await admin.disconnect();
}

async function measureBare(cluster: Cluster, topic: string): Promise<Figures> {
  const target = `${cluster.prefix}.bare`;
  await createTarget(cluster, target);
  const { brokers, mongoUrl, prefix } = cluster;
  const order: BareIngestOrder = {
    brokers,
    mongoUrl,
    topic,
    eventsOf: `${prefix}.events.1`,
    events,
    target,
    targetPartitions: logPartitions,
    batch: params.bareBatch,
  };
  const bare = startMeasured('../servers/bare-ingest-server.js', 0, [JSON.stringify(order)]);
  try {
    await within(
      60,
      'starting',
      bare.next((message: ServerReport) => (message.type === 'listening' ? true : undefined)),
    );
    const pid = bare.child.pid ?? 0;
    const before = cpuSecondsOf(pid);
    bare.child.send({ type: 'go' });
    await untilFull(cluster, target);
    return await finish(cluster, target, cpuSecondsOf(pid) - before);
  } finally {
    bare.end();
  }
}

async function measure(): Promise<{ readonly hub: Figures; readonly bare: Figures }> {
  const cluster = await openCluster('ingest');
  try {
    const topic = `${cluster.prefix}.source`;
    await within(60, 'filling the topic', produceCloudEvents(cluster.kafka, { topic, partitions, events, entities }));
    return { hub: await measureHub(cluster, topic), bare: await measureBare(cluster, topic) };
  } finally {
    await cluster.clean();
  }
}

function ratioOf(key: keyof Figures): number {
  return medianRatio(rounds, (round) => round.hub[key] / round.bare[key]);
}

const rounds: { readonly hub: Figures; readonly bare: Figures }[] = [];
for (let round = 0; round < params.rounds; round++) rounds.push(await measure());
const result = {
  bench: 'ingest',
  params,
  hub: mediansOf(rounds.map(({ hub }) => hub)),
  bare: mediansOf(rounds.map(({ bare }) => bare)),
  ratio: { hubToBare: ratioOf('eventsPerSecond'), hubToBareCpu: ratioOf('eventsPerCpuSecond') },
};
if (values.json) console.log(JSON.stringify(result));
else console.table({ hub: result.hub, bare: result.bare, ratio: result.ratio });
