/**
 * One room, many sockets: what does a delivery cost in the whole hub, in bare uWS, and in stock Socket.IO on ws?
 * Figures are deliveries per CPU second of the server process. See bench/README.md.
 */
import { parseArgs } from 'node:util';
import { benchToken } from './load/bench-token.ts';
import type { LoadOrder, LoadReport } from './load/load-process.ts';
import { type MeasuredProcess, startMeasured } from './load/measured-process.ts';
import type { ServerReport } from './servers/messages.ts';

interface Params {
  readonly sockets: number;
  readonly events: number;
  readonly batch: number;
  /** Events of one frame; `batch` unless given. */
  readonly frame?: number;
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

function connectAuth(kind: string): readonly object[] | undefined {
  if (kind === 'raw-uws') return undefined;
  return [{ token: benchToken(), protocol: 1, client: 'bench', subscriptions: [{ id: 's', channel: 'assets' }] }];
}

/** Every client must have got every event, in order, and nothing else. */
function verify(result: Extract<LoadReport, { type: 'result' }>, params: Params, kind: string): void {
  const [first] = result.sampledIds;
  const wrong = result.perSocket.findIndex(
    (client) => client.events !== params.events || client.bytes !== result.perSocket[0]?.bytes,
  );
  if (wrong >= 0)
    throw new Error(`${kind}: client ${wrong} got ${result.perSocket[wrong]?.events} of ${params.events} events`);
  if (first === undefined || new Set(first).size !== params.events) throw new Error(`${kind}: events were repeated`);
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

async function measure(
  kind: 'hub' | 'raw-uws' | 'stock',
  params: Params,
): Promise<{ readonly figures: Figures; readonly ids: readonly string[] }> {
  const server = startMeasured(
    `../servers/${kind}-server.js`,
    0,
    kind === 'hub'
      ? [String(params.events), String(params.batch)]
      : [String(params.events), String(params.batch), String(params.frame ?? params.batch)],
    ['--expose-gc'],
  );
  const load = startMeasured('./load-process.js', 1);
  try {
    const port = await server.next((message: ServerReport) =>
      message.type === 'listening' ? message.port : undefined,
    );
    const auth = connectAuth(kind);
    await connectClients(load, {
      port,
      sockets: params.sockets,
      sampled: Math.min(sampledSockets, params.sockets),
      ...(auth === undefined ? {} : { connectAuth: auth }),
    });
    load.child.on('message', (message: LoadReport) => {
      if (message.type === 'progress') server.child.send({ acknowledged: message.events });
      if (message.type === 'failed') console.error(`${kind}: ${message.reason}`);
    });
    const done = server.next((message: ServerReport) => (message.type === 'done' ? message : undefined));
    server.child.send({ type: 'go' });
    const { cpuSeconds, wallSeconds } = await done;
    const ticks = kind === 'hub' ? await ticksOf(port) : params.events / params.batch;
    const finished = load.next((message: LoadReport) => (message.type === 'result' ? message : undefined));
    load.child.send('finish');
    const result = await finished;
    verify(result, params, kind);
    const deliveries = params.sockets * params.events;
    const bytes = result.perSocket.reduce((sum, client) => sum + client.bytes, 0);
    return {
      figures: {
        deliveries,
        cpuSeconds,
        wallSeconds,
        deliveriesPerCpuSecond: Math.round(deliveries / cpuSeconds),
        bytesPerDelivery: Math.round(bytes / deliveries),
        eventsPerTick: Number((params.events / ticks).toFixed(1)),
        eventsPerFrame: Number((params.events / (result.perSocket[0]?.frames ?? 1)).toFixed(1)),
        loadGeneratorUse: Number((result.cpuSeconds / wallSeconds).toFixed(2)),
      },
      ids: result.sampledIds[0] ?? [],
    };
  } finally {
    server.end();
    load.end();
  }
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sockets: { type: 'string', default: '1000' },
    events: { type: 'string', default: '2000' },
    batch: { type: 'string', default: '10' },
  },
});
const params: Params = { sockets: Number(values.sockets), events: Number(values.events), batch: Number(values.batch) };
const hub = await measure('hub', params);
const rounded = (value: number): number => Math.max(1, Math.round(value));
const { eventsPerTick, eventsPerFrame } = hub.figures;
const perTick = rounded(eventsPerTick);
// as many frames a tick as the hub's, none of them with a remainder only
const perFrame = Math.ceil(perTick / rounded(eventsPerTick / eventsPerFrame));
const rawUws = await measure('raw-uws', { ...params, frame: perFrame, batch: perTick });
const stockSocketIo = await measure('stock', params);
if (hub.ids.join() !== rawUws.ids.join()) throw new Error('the hub sent other events than it should');
const rate = (run: { readonly figures: Figures }): number => run.figures.deliveriesPerCpuSecond;
const result = {
  bench: 'fanout',
  params,
  hub: hub.figures,
  rawUws: rawUws.figures,
  stockSocketIo: stockSocketIo.figures,
  ratio: {
    hubToRawUws: Number((rate(hub) / rate(rawUws)).toFixed(3)),
    hubToStock: Number((rate(hub) / rate(stockSocketIo)).toFixed(2)),
  },
};
if (values.json) console.log(JSON.stringify(result));
else
  console.table({
    hub: hub.figures,
    'bare uWS': rawUws.figures,
    'stock Socket.IO': stockSocketIo.figures,
    ratio: result.ratio,
  });
