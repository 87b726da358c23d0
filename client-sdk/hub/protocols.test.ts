import { expect, onTestFinished, test } from 'vitest';
import type { ProtocolRange } from '../../channels/protocol/version.ts';
import { platformEnvironment } from '../connection/environment.ts';
import { startServer, reached, record } from '../testing/hub-fixture.ts';
import type { ContractServer } from '../testing/contract-server.ts';
import type { Hub } from './hub.ts';
import { HubConnection } from './hub-connection.ts';

/** A hub object of a release that speaks these versions. */
function releaseOf(protocols: ProtocolRange, url: string): Hub {
  const hub = new HubConnection({
    url: new URL(url),
    token: 'valid',
    client: 'test',
    protocols,
    backoff: { minMs: 5, maxMs: 20 },
    environment: platformEnvironment,
  });
  onTestFinished(() => hub.close());
  return hub;
}

async function serverOf(protocols: ProtocolRange): Promise<ContractServer> {
  const server = await startServer();
  server.options.protocols = protocols;
  return server;
}

const [one, oneToTwo, two, twoToThree] = [
  { oldest: 1, newest: 1 },
  { oldest: 1, newest: 2 },
  { oldest: 2, newest: 2 },
  { oldest: 2, newest: 3 },
];

test.each([
  ['of the same release', one, one],
  ['one release behind', oneToTwo, one],
  ['one release ahead', one, oneToTwo],
  ['one release ahead that has dropped the oldest', oneToTwo, twoToThree],
])('W6: connects to a hub %s', async (_name, client, server) => {
  const hub = releaseOf(client, (await serverOf(server)).url);
  await hub.channel('assets').live;
  expect(hub.status).toBe('live');
});

test('W6: goes on, in a rolling restart, from hubs of its release to one of the release before', async () => {
  const server = await serverOf(oneToTwo);
  const hub = releaseOf(oneToTwo, server.url);
  await hub.channel('assets').live;
  const statuses = record(hub, 'status');
  server.options.protocols = one;
  server.cut();
  await reached(hub, 'recovering');
  await reached(hub, 'live');
  expect([statuses.at(-1), server.connects.length]).toEqual(['live', 2]);
});

test.each([
  ['behind', two, one],
  ['ahead', one, twoToThree],
])('W6: closes for good at a hub that is too far %s, with what that speaks', async (_name, client, protocols) => {
  const server = await serverOf(protocols);
  const hub = releaseOf(client, server.url);
  const errors = record(hub, 'error');
  await reached(hub, 'closed');
  const { oldest: oldestProtocol, newest: protocol } = protocols;
  expect(errors).toEqual([
    expect.objectContaining({
      code: 'unsupported-protocol',
      retryable: false,
      details: { protocol, oldestProtocol },
    }),
  ]);
  expect(server.connects).toHaveLength(1);
});

test('closes for good at a hub that welcomes with a version that was not offered', async () => {
  const server = await serverOf(one);
  server.options.welcomes = 3;
  const hub = releaseOf(oneToTwo, server.url);
  const errors = record(hub, 'error');
  await reached(hub, 'closed');
  expect(errors).toEqual([
    expect.objectContaining({
      code: 'unsupported-protocol',
      message: 'the hub uses protocol 3 on this connection, this library 1 to 2',
    }),
  ]);
  expect(server.connects).toHaveLength(1);
});

test('W16: ignores messages and fields that it does not know', async () => {
  const server = await serverOf(one);
  const hub = releaseOf(one, server.url);
  const errors = record(hub, 'error');
  const assets = hub.channel('assets');
  await assets.live;
  for (const socket of server.sockets) {
    (socket as unknown as { emit: (name: string, payload: object) => void }).emit('news', { of: 'a later release' });
    socket.emit('notice', { code: 'stale', message: 'x', weight: 7 } as never);
  }
  server.cut();
  await reached(hub, 'backoff');
  await reached(hub, 'live');
  expect(errors).toEqual([expect.objectContaining({ code: 'unreachable' })]);
});
