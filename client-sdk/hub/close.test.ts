import { expect, test, vi } from 'vitest';
import { spokenProtocols } from '../../channels/protocol/version.ts';
import { platformEnvironment } from '../connection/environment.ts';
import { connect, startServer } from '../testing/hub-fixture.ts';
import { HubConnection } from './hub-connection.ts';

test('closed from inside an error listener, it leaves no timer behind and tries no more', async () => {
  const server = await startServer();
  server.options.verify = () => ({ code: 'token-expired', message: 'expired', retryable: false });
  const running = new Set<object>();
  const token = vi.fn<() => string>(() => 'stale');
  const hub = new HubConnection({
    url: new URL(server.url),
    token,
    client: 'test',
    protocols: spokenProtocols,
    backoff: { minMs: 5, maxMs: 20 },
    environment: {
      ...platformEnvironment,
      setTimer: (delayMs, run) => {
        const mark = {};
        running.add(mark);
        const cancel = platformEnvironment.setTimer(delayMs, () => {
          running.delete(mark);
          run();
        });
        return () => {
          running.delete(mark);
          cancel();
        };
      },
    },
  });
  const failed = new Promise<void>((resolve) => {
    hub.on('error', () => {
      hub.close();
      resolve();
    });
  });
  await failed;
  await Promise.resolve();
  expect(hub.status).toBe('closed');
  expect(running.size).toBe(0);
  expect(token).toHaveBeenCalledOnce();
});

test('closed while the token is under way, it does not connect with it', async () => {
  const server = await startServer();
  let give = (_token: string): void => undefined;
  const hub = connect(server.url, { token: () => new Promise<string>((resolve) => (give = resolve)) });
  hub.close();
  give('late');
  // two others, one after the other: the second begins when the first hub object has had its time
  await connect(server.url, { token: 'second' }).channel('assets').live;
  await connect(server.url, { token: 'third' }).channel('assets').live;
  expect(server.connects.map((auth) => auth.token)).toEqual(['second', 'third']);
});
