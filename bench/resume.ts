/**
 * Many clients come back at once, each with the same events behind it: what does that cost, compared with having
 * delivered those events live? See bench/README.md.
 */
import { parseArgs } from 'node:util';
import { benchToken } from './load/bench-token.ts';
import type { LoadOrder, LoadReport } from './load/load-process.ts';
import { type MeasuredProcess, startMeasured } from './load/measured-process.ts';
import { mediansOf, medianRatio } from './load/rounds.ts';
import { cpuSecondsOf } from './servers/built-hub.ts';
import type { ServerReport } from './servers/messages.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sockets: { type: 'string', default: '5000' },
    events: { type: 'string', default: '1000' },
    batch: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
  },
});
const [sockets, events, batch, rounds] = [values.sockets, values.events, values.batch, values.rounds].map(Number) as [
  number,
  number,
  number,
  number,
];
const params = { sockets, events, batch, rounds };

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

interface Round {
  readonly live: Figures;
  readonly resume: Figures;
}

async function measureLive(server: MeasuredProcess): Promise<Figures> {
  const startedAt = performance.now();
  const done = server.next((message: ServerReport) => (message.type === 'done' ? message : undefined));
  server.child.send({ type: 'go' });
  return figures((await done).cpuSeconds, startedAt);
}

async function measureResume(server: MeasuredProcess, load: MeasuredProcess): Promise<Figures> {
  const pid = server.child.pid ?? 0;
  const before = cpuSecondsOf(pid);
  const startedAt = performance.now();
  const resumed = untilReady(load);
  load.child.send('reconnect');
  await resumed;
  return figures(cpuSecondsOf(pid) - before, startedAt);
}

async function measure(): Promise<Round> {
  const server = startMeasured('../servers/hub-server.js', 0, [String(events), String(batch)], ['--expose-gc']);
  const load = startMeasured('./load-process.js', 1);
  try {
    const port = await server.next((message: ServerReport) =>
      message.type === 'listening' ? message.port : undefined,
    );
    const subscriptions = [{ id: 's', channel: 'assets' }];
    const order: LoadOrder = {
      port,
      sockets,
      sampled: 10,
      connectAuth: [{ token: benchToken(), protocol: 1, client: 'bench', subscriptions }],
    };
    const connected = untilReady(load);
    load.child.send(order);
    await connected;
    load.child.on('message', (message: LoadReport) => {
      if (message.type === 'progress') server.child.send({ acknowledged: message.events });
    });
    const live = await measureLive(server);
    const resume = await measureResume(server, load);
    const finished = load.next((message: LoadReport) => (message.type === 'result' ? message : undefined));
    load.child.send('finish');
    verify(await finished);
    return { live, resume };
  } finally {
    server.end();
    load.end();
  }
}

const all: Round[] = [];
for (let round = 0; round < rounds; round++) all.push(await measure());
const live = mediansOf(all.map((round) => round.live));
const resume = mediansOf(all.map((round) => round.resume));
const ratio = { resumeToLive: medianRatio(all, (round) => round.resume.cpuSeconds / round.live.cpuSeconds) };
if (values.json) console.log(JSON.stringify({ bench: 'resume', params, hub: { live, resume }, ratio }));
else console.table({ live, resume, ratio });
