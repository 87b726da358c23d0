/** The least that can stand between Kafka and WebSockets: one kafkajs consumer, and uWS publishing the values as they are. */
import { openKafka } from '../../adapters/kafka/kafka-connection.ts';
import { loadUws } from '../../server/transport/uws/load-uws.ts';
import { benchRoom } from './frames.ts';
import { report } from './messages.ts';

const [brokers = '', topic = '', partitions = '1'] = process.argv.slice(2);
const uws = await loadUws(undefined);
if (uws === undefined) throw new Error('uWebSockets.js does not load here');
const app = uws.App();
app.ws('/*', {
  maxBackpressure: 64 * 1024 * 1024,
  open: (socket: { subscribe(topic: string): void }) => socket.subscribe('all'),
});
const consumer = openKafka({ brokers: brokers.split(','), clientId: 'bench-pipe' }).consumer({
  groupId: `${topic}.pipe`,
});
const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  partitionsConsumedConcurrently: Number(partitions),
  eachBatch: async ({ batch }) => {
    const events = batch.messages.map(({ value }) => value?.toString() ?? '').join(',');
    app.publish('all', `42["events",{"room":"${benchRoom}","events":[${events}]}]`);
  },
});
await joined;
app.listen('127.0.0.1', 0, 1, (token) => report({ type: 'listening', port: uws.us_socket_local_port(token) }));
