/** Socket.IO as it comes, on ws: every event is emitted to the room when it is there, `batch` of them a turn. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { batches, benchRoom, wireEvents } from './frames.ts';
import { report, untilGo } from './messages.ts';
import { Meter, Window } from './window.ts';

const count = Number(process.argv[2]);
const batch = Number(process.argv[3]);
const warmUp = Number(process.argv[4]);
const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
const window = new Window();
io.on('connection', (socket) => {
  void socket.join(benchRoom);
  socket.emit('live', {});
});
http.listen(0, '127.0.0.1', () => report({ type: 'listening', port: (http.address() as AddressInfo).port }));
const groups = batches(wireEvents(count), batch);
await untilGo();
const meter = new Meter(window, warmUp);
meter.start();
let sent = 0;
for (const events of groups) {
  await new Promise((resolve) => setImmediate(resolve));
  await window.room(sent);
  await meter.reached(sent);
  for (const event of events) io.to(benchRoom).emit('events', { room: benchRoom, events: [event] });
  sent += batch;
}
await meter.done(count);
