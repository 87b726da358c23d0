/** The least that can be done: ready-made frames of the same bytes, published to one uWS topic. */
import { loadUws } from '../../server/transport/uws/load-uws.ts';
import { batches, benchRoom, wireEvents } from './frames.ts';
import { report, untilGo } from './messages.ts';
import { Meter, Window } from './window.ts';

const count = Number(process.argv[2]);
const batch = Number(process.argv[3]);
const warmUp = Number(process.argv[4]);
const eventsPerFrame = Number(process.argv[5]);
const uws = await loadUws(undefined);
if (uws === undefined) throw new Error('uWebSockets.js does not load here');
const app = uws.App();
const window = new Window();
app.ws('/*', {
  maxBackpressure: 64 * 1024 * 1024,
  open: (socket: { subscribe(topic: string): void }) => socket.subscribe('all'),
});
app.listen('127.0.0.1', 0, 1, (token) => report({ type: 'listening', port: uws.us_socket_local_port(token) }));
const turns = batches(wireEvents(count), batch).map((some) =>
  batches(some, eventsPerFrame).map(
    (events) =>
      `42["events",{"room":"${benchRoom}","events":[${events.map((event) => JSON.stringify(event)).join(',')}]}]`,
  ),
);
await untilGo();
const meter = new Meter(window, warmUp);
meter.start();
let sent = 0;
for (const frames of turns) {
  await new Promise((resolve) => setImmediate(resolve));
  await window.room(sent);
  await meter.reached(sent);
  for (const frame of frames) app.publish('all', frame);
  sent += batch;
}
await meter.done(count);
