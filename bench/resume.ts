/**
 * Many clients come back at once, each with the same events behind it: what does that cost, compared with having
 * delivered those events live? See bench/README.md.
 */
import { parseArgs } from 'node:util';
import { benchToken } from './load/bench-token.ts';
import type { LoadOrder, LoadReport } from './load/load-process.ts';
import { type MeasuredProcess, startMeasured } from './load/measured-process.ts';
import { cpuSecondsOf } from './servers/built-hub.ts';
import type { ServerReport } from './servers/messages.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sockets: { type: 'string', default: '5000' },
    events: { type: 'string', default: '1000' },
    batch: { type: 'string', default: '10' },
  },
});
const [sockets, events, batch] = [values.sockets, values.events, values.batch].map(Number) as [number, number, number];
const params = { sockets, events, batch };

interface Figures {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly deliveriesPerCpuSecond: number;
}

type Result = Extract<LoadReport, { type: 'result' }>;

function figures(cpuSeconds: number, startedAt: number): Figures {
  return {
    cpuSeconds: Number(cpuSeconds.toFixed(2)),
    wallSeconds: Number(((performance.now() - startedAt) / 1000).toFixed(2)),
    deliveriesPerCpuSecond: Math.round((sockets * events) / cpuSeconds),
  };
}

/** Resolves when all sockets are live; rejects when one of them fails. */
function untilReady(load: MeasuredProcess): Promise<true> {
  return load.next((message: LoadReport) => {
    if (message.type === 'failed') throw new Error(message.reason);
    return message.type === 'ready' ? true : undefined;
  });
}

/** Every client must have got every event once on its second connection. */
function verify({ perSocket, sampledIds }: Result): void {
  const wrong = perSocket.findIndex((client) => client.events !== events);
  if (wrong >= 0) throw new Error(`client ${wrong} got ${perSocket[wrong]?.events} of ${events} events`);
  if (sampledIds.some((ids) => new Set(ids).size !== events)) throw new Error('events were repeated');
}

const server = startMeasured('../servers/hub-server.js', 0, [String(events), String(batch)], ['--expose-gc']);
const load = startMeasured('./load-process.js', 1);
try {
  const port = await server.next((message: ServerReport) => (message.type === 'listening' ? message.port : undefined));
  const order: LoadOrder = {
    port,
    sockets,
    sampled: 10,
    connectAuth: [
      { token: benchToken(), protocol: 1, client: 'bench', subscriptions: [{ id: 's', channel: 'assets' }] },
    ],
  };
  const connected = untilReady(load);
  load.child.send(order);
  await connected;
  load.child.on('message', (message: LoadReport) => {
    if (message.type === 'progress') server.child.send({ acknowledged: message.events });
  });

  let startedAt = performance.now();
  const done = server.next((message: ServerReport) => (message.type === 'done' ? message : undefined));
  server.child.send({ type: 'go' });
  const live = figures((await done).cpuSeconds, startedAt);

  const pid = server.child.pid ?? 0;
  const before = cpuSecondsOf(pid);
  startedAt = performance.now();
  const resumed = untilReady(load);
  load.child.send('reconnect');
  await resumed;
  const resume = figures(cpuSecondsOf(pid) - before, startedAt);

  const finished = load.next((message: LoadReport) => (message.type === 'result' ? message : undefined));
  load.child.send('finish');
  verify(await finished);
  const ratio = { resumeToLive: Number((resume.cpuSeconds / live.cpuSeconds).toFixed(2)) };
  const result = { bench: 'resume', params, hub: { live, resume }, ratio };
  if (values.json) console.log(JSON.stringify(result));
  else console.table({ live, resume, ratio });
} finally {
  server.end();
  load.end();
}
