/**
 * Many rooms, few members: 10 000 sockets that each follow 10 assets of their own, so 100 000 rooms, and each event
 * concerns one of them. What does an event cost when nearly nobody is interested? See bench/README.md.
 */
import { parseArgs } from 'node:util';
import { benchToken } from './load/bench-token.ts';
import type { LoadReport } from './load/load-process.ts';
import { startMeasured } from './load/measured-process.ts';
import type { ServerReport } from './servers/messages.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sockets: { type: 'string', default: '10000' },
    assets: { type: 'string', default: '10' },
    events: { type: 'string', default: '100000' },
    batch: { type: 'string', default: '256' },
    warmup: { type: 'string', default: '20000' },
  },
});
const [sockets, assets, events, batch, warmup] = [
  values.sockets,
  values.assets,
  values.events,
  values.batch,
  values.warmup,
].map(Number) as [number, number, number, number, number];
const sent = warmup + events;
const windowSize = 8192;
const entities = sockets * assets;
const token = benchToken();
const connectAuth = Array.from({ length: sockets }, (_, socket) => ({
  token,
  protocol: 1,
  client: 'bench',
  subscriptions: Array.from({ length: assets }, (_each, index) => ({
    id: `s${index}`,
    channel: `asset:urn:gov:bench:table-${socket * assets + index}`,
  })),
}));
const server = startMeasured('../servers/hub-server.js', 0, [sent, batch, entities, windowSize, warmup].map(String), [
  '--expose-gc',
]);
const load = startMeasured('./load-process.js', 1);
try {
  const port = await server.next((message: ServerReport) => (message.type === 'listening' ? message.port : undefined));
  const ready = load.next((message: LoadReport) => (message.type === 'ready' ? true : undefined));
  load.child.on('message', (message: LoadReport) => {
    if (message.type === 'progress') server.child.send({ acknowledged: message.events });
    if (message.type === 'failed') console.error(message.reason);
  });
  load.child.send({ port, sockets, sampled: 0, connectAuth, subscriptions: assets, progress: 'total' });
  await ready;
  const rooms = Number(
    /^pursight_rooms (\d+)$/m.exec(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text())?.[1],
  );
  const done = server.next((message: ServerReport) => (message.type === 'done' ? message : undefined));
  server.child.send({ type: 'go' });
  const { cpuSeconds, wallSeconds } = await done;
  const finished = load.next((message: LoadReport) => (message.type === 'result' ? message : undefined));
  load.child.send('finish');
  const { perSocket } = await finished;
  const wanted = (socket: number): number =>
    Array.from({ length: assets }, (_, index) => Math.ceil((sent - (socket * assets + index)) / entities)).reduce(
      (sum, each) => sum + Math.max(0, each),
      0,
    );
  const wrong = perSocket.findIndex((client, socket) => client.events !== wanted(socket));
  if (wrong >= 0) throw new Error(`client ${wrong} got ${perSocket[wrong]?.events} events, not ${wanted(wrong)}`);
  const result = {
    bench: 'sparse',
    params: { sockets, assets, events, batch, warmup },
    hub: { rooms, eventsPerCpuSecond: Math.round(events / cpuSeconds), cpuSeconds, wallSeconds },
  };
  if (values.json) console.log(JSON.stringify(result));
  else console.table(result.hub);
} finally {
  server.end();
  load.end();
}
