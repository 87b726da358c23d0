/**
 * One room, many sockets: what does a delivery cost in the whole hub, in bare uWS, and in stock Socket.IO on ws?
 * Figures are deliveries per CPU second of the server process. See bench/README.md.
 */
import { parseArgs } from 'node:util';
import type { SubscribeRequest } from '../channels/protocol/up.ts';
import { benchToken } from './load/bench-token.ts';
import type { LoadOrder, LoadReport } from './load/load-process.ts';
import { type MeasuredProcess, startMeasured } from './load/measured-process.ts';
import { mediansOf, medianRatio } from './load/rounds.ts';
import type { ServerReport } from './servers/messages.ts';

interface Params {
  readonly sockets: number;
  readonly events: number;
  readonly batch: number;
  /** Events before those that count. */
  readonly warmup: number;
}

interface Figures {
  readonly deliveries: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly deliveriesPerCpuSecond: number;
  readonly bytesPerDelivery: number;
  /** A saturated hub coalesces: more than `batch`. Bare uWS is given frames and turns of the hub's size. */
  readonly eventsPerFrame: number;
  /** Of one turn of the event loop. */
  readonly eventsPerTick: number;
  /** CPU seconds of the load generator by wall seconds: at 1 it is the one that limits. */
  readonly loadGeneratorUse: number;
}

const sampledSockets = 10;
const benchEntities = 200;
/** Events that may be under way. */
const windowSize = 200;

type WantedForm = Pick<SubscribeRequest, 'mode' | 'shape'>;

function connectAuth(kind: string, form: WantedForm): readonly object[] | undefined {
  if (kind === 'raw-uws') return undefined;
  const subscription = { id: 's', channel: 'assets', ...form };
  return [{ token: benchToken(), protocol: 1, client: 'bench', subscriptions: [subscription] }];
}

/** Every client must have got every event, in order, and nothing else. */
function verify(result: Extract<LoadReport, { type: 'result' }>, events: number, kind: string): void {
  const [first] = result.sampledIds;
  const wrong = result.perSocket.findIndex(
    (client) => client.events !== events || client.bytes !== result.perSocket[0]?.bytes,
  );
  if (wrong >= 0)
    throw new Error(`${kind}: client ${wrong} got ${result.perSocket[wrong]?.events} of ${events} events`);
  if (first === undefined || new Set(first).size !== events) throw new Error(`${kind}: events were repeated`);
  if (result.sampledIds.some((ids) => ids.join() !== first.join()))
    throw new Error(`${kind}: clients got different events`);
}

async function ticksOf(port: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^pursight_tick_seconds_count (\d+)$/m.exec(metrics)?.[1]);
}

async function connectClients(load: MeasuredProcess, order: LoadOrder): Promise<void> {
  const ready = load.next((message: LoadReport) => {
    if (message.type === 'failed') throw new Error(message.reason);
    return message.type === 'ready' ? true : undefined;
  });
  load.child.send(order);
  await ready;
}

type ServerKind = 'hub' | 'hub-without-cursors' | 'raw-uws' | 'stock';

async function measure(
  kind: ServerKind,
  { sockets, events, batch, warmup }: Params,
  { frame = batch, form = {} }: { readonly frame?: number; readonly form?: WantedForm } = {},
): Promise<{ readonly figures: Figures; readonly ids: readonly string[] }> {
  const total = warmup + events;
  const args = {
    hub: [total, batch, benchEntities, windowSize, warmup],
    'hub-without-cursors': [total, batch, benchEntities, windowSize, warmup, 'no-cursors'],
    'raw-uws': [total, batch, warmup, frame],
    stock: [total, batch, warmup],
  }[kind];
  const program = kind === 'hub-without-cursors' ? 'hub' : kind;
  const server = startMeasured(`../servers/${program}-server.js`, 0, args.map(String), ['--expose-gc']);
  const load = startMeasured('./load-process.js', 1);
  try {
    const port = await server.next((message: ServerReport) =>
      message.type === 'listening' ? message.port : undefined,
    );
    const auth = connectAuth(kind, form);
    await connectClients(load, {
      port,
      sockets,
      sampled: Math.min(sampledSockets, sockets),
      ...(auth === undefined ? {} : { connectAuth: auth }),
    });
    load.child.on('message', (message: LoadReport) => {
      if (message.type === 'progress') server.child.send({ acknowledged: message.events });
      if (message.type === 'failed') console.error(`${kind}: ${message.reason}`);
    });
    const done = server.next((message: ServerReport) => (message.type === 'done' ? message : undefined));
    const startedAt = performance.now();
    server.child.send({ type: 'go' });
    const { events: counted, cpuSeconds, wallSeconds } = await done;
    const allSeconds = (performance.now() - startedAt) / 1000;
    const ticks = program === 'hub' ? await ticksOf(port) : total / batch;
    const finished = load.next((message: LoadReport) => (message.type === 'result' ? message : undefined));
    load.child.send('finish');
    const result = await finished;
    verify(result, total, kind);
    const deliveries = sockets * counted;
    const bytes = result.perSocket.reduce((sum, client) => sum + client.bytes, 0);
    return {
      figures: {
        deliveries,
        cpuSeconds,
        wallSeconds,
        deliveriesPerCpuSecond: Math.round(deliveries / cpuSeconds),
        bytesPerDelivery: Math.round(bytes / (sockets * total)),
        eventsPerTick: Number((total / ticks).toFixed(1)),
        eventsPerFrame: Number((total / (result.perSocket[0]?.frames ?? 1)).toFixed(1)),
        loadGeneratorUse: Number((result.cpuSeconds / allSeconds).toFixed(2)),
      },
      ids: result.sampledIds[0] ?? [],
    };
  } finally {
    server.end();
    load.end();
  }
}

interface Round {
  readonly hub: Figures;
  readonly rawUws: Figures;
  readonly hubWithoutCursors: Figures;
}

/** Bare uWS after the hub, with frames and turns of the event loop like the hub's. */
async function measureRound(params: Params): Promise<Round> {
  const hub = await measure('hub', params);
  const rounded = (value: number): number => Math.max(1, Math.round(value));
  const { eventsPerTick, eventsPerFrame } = hub.figures;
  const batch = rounded(eventsPerTick);
  // as many frames a tick as the hub's, none of them with a remainder only
  const frame = Math.ceil(batch / rounded(eventsPerTick / eventsPerFrame));
  const rawUws = await measure('raw-uws', { ...params, batch }, { frame });
  if (hub.ids.join() !== rawUws.ids.join()) throw new Error('the hub sent other events than it should');
  const { figures: hubWithoutCursors } = await measure('hub-without-cursors', params);
  return { hub: hub.figures, rawUws: rawUws.figures, hubWithoutCursors };
}

/** Bytes of one event for one socket, by what it asked for. They do not depend on how many sockets there are. */
async function measureForms(params: Params): Promise<Readonly<Record<string, number>>> {
  const bytes = async (form: WantedForm): Promise<number> =>
    (await measure('hub', { ...params, sockets: sampledSockets }, { form })).figures.bytesPerDelivery;
  return {
    default: await bytes({}),
    document: await bytes({ shape: 'document' }),
    entity: await bytes({ shape: 'entity' }),
    changes: await bytes({ shape: 'changes' }),
    view: await bytes({ mode: 'view' }),
  };
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sockets: { type: 'string', default: '1000' },
    events: { type: 'string', default: '2000' },
    batch: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    warmup: { type: 'string', default: '1000' },
  },
});
const params = {
  sockets: Number(values.sockets),
  events: Number(values.events),
  batch: Number(values.batch),
  warmup: Number(values.warmup),
  rounds: Number(values.rounds),
};
const rounds: Round[] = [];
for (let round = 0; round < params.rounds; round++) rounds.push(await measureRound(params));
// one emit for each socket: it has compiled after a tenth of the events
const { figures: stockSocketIo } = await measure('stock', { ...params, warmup: Math.ceil(params.warmup / 10) });
const bytesPerDelivery = await measureForms(params);
const hub = mediansOf(rounds.map((round) => round.hub));
const rate = ({ deliveriesPerCpuSecond }: Figures): number => deliveriesPerCpuSecond;
const result = {
  bench: 'fanout',
  params,
  hub,
  rawUws: mediansOf(rounds.map((round) => round.rawUws)),
  stockSocketIo,
  hubWithoutCursors: mediansOf(rounds.map((round) => round.hubWithoutCursors)),
  bytesPerDelivery,
  ratio: {
    hubToRawUws: medianRatio(rounds, (round) => rate(round.hub) / rate(round.rawUws)),
    hubToStock: Number((rate(hub) / rate(stockSocketIo)).toFixed(2)),
    hubToHubWithoutCursors: medianRatio(rounds, (round) => rate(round.hub) / rate(round.hubWithoutCursors)),
  },
};
if (values.json) console.log(JSON.stringify(result));
else
  console.table({
    hub,
    'bare uWS': result.rawUws,
    'hub without cursors': result.hubWithoutCursors,
    'stock Socket.IO': stockSocketIo,
    'bytes by shape': bytesPerDelivery,
    ratio: result.ratio,
  });
