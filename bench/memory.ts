/**
 * What does one idle, authorised session with one subscription cost? Resident memory of the hub process before and
 * after, divided by the sessions. See bench/README.md.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { benchToken } from './load/bench-token.ts';
import type { LoadReport } from './load/load-process.ts';
import { growthPer, HeapSnapshots } from './load/heap-classes.ts';
import { startMeasured } from './load/measured-process.ts';
import type { ServerReport } from './servers/messages.ts';

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** Resident memory settles when the collector has had its turns. */
async function settled(pid: number): Promise<number> {
  let last = residentBytes(pid);
  for (let still = 0; still < 3;) {
    await pause(1000);
    const now = residentBytes(pid);
    still = Math.abs(now - last) < 256 * 1024 ? still + 1 : 0;
    last = now;
  }
  return last;
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sockets: { type: 'string', default: '10000' },
    principals: { type: 'string', default: '100' },
    classes: { type: 'boolean', default: false },
  },
});
const sockets = Number(values.sockets);
const heap = values.classes ? new HeapSnapshots() : undefined;
const server = startMeasured('../servers/hub-server.js', 0, ['0', '1'], heap?.flags);
const load = startMeasured('./load-process.js', 1);
try {
  const port = await server.next((message: ServerReport) => (message.type === 'listening' ? message.port : undefined));
  const pid = server.child.pid ?? 0;
  // the first sessions load code and shapes that later ones share
  const warmUp = 200;
  const auths = Array.from({ length: Number(values.principals) }, (_, index) => ({
    token: benchToken(['steward'], `user-${index}`),
    protocol: 1,
    client: 'bench',
    subscriptions: [{ id: 's', channel: `domain:domain-${index % 20}` }],
  }));
  const first = load.next((message: LoadReport) => (message.type === 'ready' ? true : undefined));
  load.child.send({ port, sockets: warmUp, sampled: 0, connectAuth: auths });
  await first;
  const classesBefore = await heap?.take(pid);
  const before = await settled(pid);
  const more = startMeasured('./load-process.js', 1);
  const all = more.next((message: LoadReport) => (message.type === 'ready' ? true : undefined));
  more.child.send({ port, sockets, sampled: 0, connectAuth: auths });
  await all;
  const after = await settled(pid);
  const connected = /^pursight_connections (\d+)$/m.exec(
    await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
  )?.[1];
  if (Number(connected) !== sockets + warmUp)
    throw new Error(`${connected} sessions are connected, not ${sockets + warmUp}`);
  const classesAfter = await heap?.take(pid);
  const classes =
    classesBefore === undefined || classesAfter === undefined
      ? {}
      : { heapBytesPerConnection: growthPer(sockets, classesBefore, classesAfter) };
  const result = {
    bench: 'memory',
    params: { sockets, principals: auths.length },
    hub: {
      kbPerConnection: Number(((after - before) / sockets / 1024).toFixed(2)),
      residentBeforeMb: Math.round(before / 2 ** 20),
      residentAfterMb: Math.round(after / 2 ** 20),
      ...classes,
    },
  };
  if (values.json) console.log(JSON.stringify(result));
  else {
    const { heapBytesPerConnection, ...resident } = { heapBytesPerConnection: undefined, ...result.hub };
    console.table(resident);
    if (heapBytesPerConnection !== undefined) console.table(heapBytesPerConnection);
  }
  more.end();
} finally {
  server.end();
  load.end();
  heap?.remove();
}
