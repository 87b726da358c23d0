import { createRequire } from 'node:module';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../contract/eventually.ts';
import { openKafka } from './kafka-connection.ts';

/** Two brokers in one: the first connection gets half of an answer and is cut, the others get whole ones. */
let server: Server;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

it('begins a new connection with nothing of the last one, and breaks one that it cannot read', async () => {
  // patches kafkajs
  openKafka({ brokers: ['127.0.0.1:9'], clientId: 'test' });
  const Connection = createRequire(import.meta.url)('kafkajs/src/network/connection') as new (options: object) => {
    connect(): Promise<unknown>;
    disconnect(): Promise<unknown>;
    isConnected(): boolean;
    bytesBuffered: number;
  };
  const { port } = server.address() as { port: number };
  const silent = { error: () => undefined, debug: () => undefined, warn: () => undefined, info: () => undefined };
  const logger = { ...silent, namespace: () => silent };
  const socketFactory = ({ onConnect }: { onConnect: () => void }): Socket => connect(port, '127.0.0.1', onConnect);
  const connection = new Connection({
    host: '127.0.0.1',
    port,
    logger,
    socketFactory,
    connectionTimeout: 1000,
    requestTimeout: 1000,
  });
  await connection.connect();
  await eventually(() => expect(sockets).toHaveLength(1));
  sockets[0]?.write(Buffer.from([0, 0, 0, 9, 1, 2]));
  await eventually(() => expect(connection.bytesBuffered).toBe(6));
  await connection.disconnect();
  await connection.connect();
  expect(connection.bytesBuffered).toBe(0);
  await eventually(() => expect(sockets).toHaveLength(2));
  // an answer of one byte, which has no room for the number of its request
  sockets[1]?.write(Buffer.from([0, 0, 0, 1, 7]));
  await eventually(() => expect(connection.isConnected()).toBe(false));
});
