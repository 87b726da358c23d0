import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { spokenProtocols } from '../../channels/protocol/version.ts';
import { type Environment, platformEnvironment } from '../connection/environment.ts';
import { record, reached, startServer } from '../testing/hub-fixture.ts';
import { HubConnection } from './hub-connection.ts';
import type { HubEvents } from './hub.ts';

afterEach(() => vi.unstubAllGlobals());

/** The platform with a clock that can jump and a device that can wake. */
function sleepingDevice() {
  const device = { sleptMs: 0, wake: (): void => undefined, isListening: false };
  const environment: Environment = {
    ...platformEnvironment,
    now: () => Date.now() + device.sleptMs,
    onWake: (run) => {
      device.wake = run;
      device.isListening = true;
      return () => (device.isListening = false);
    },
  };
  return { device, environment };
}

function open(url: string, environment: Environment, backoff = { minMs: 5, maxMs: 20 }): HubConnection {
  const known = { token: 'valid', client: 'test', protocols: spokenProtocols };
  const hub = new HubConnection({ ...known, url: new URL(url), backoff, environment });
  onTestFinished(() => hub.close());
  return hub;
}

test('a connection that died while the device slept is replaced as soon as it wakes', async () => {
  const server = await startServer();
  const { device, environment } = sleepingDevice();
  const hub = open(server.url, environment);
  const errors = record<'error', HubEvents['error']>(hub, 'error');
  await hub.channel('assets').live;
  device.wake();
  expect(hub.status).toBe('live');
  device.sleptMs = 10 * 60_000;
  device.wake();
  expect(hub.status).toBe('backoff');
  await reached(hub, 'live');
  expect(errors).toMatchObject([{ code: 'unreachable', message: expect.stringContaining('slept') }]);
});

test('a wake ends a long wait, and a closed hub object no longer listens for it', async () => {
  const server = await startServer();
  const { device, environment } = sleepingDevice();
  // each draw is the largest: the first wait is then as long as the first bound
  const hub = open(server.url, { ...environment, random: () => 0.999 }, { minMs: 100, maxMs: 3_600_000 });
  server.options.verify = () => ({ code: 'not-ready', message: 'starting', retryable: true, retryAfterMs: 0 });
  await vi.waitFor(() => expect(server.connects.length).toBeGreaterThan(4), 8000);
  await reached(hub, 'backoff');
  server.options.verify = () => null;
  device.wake();
  const wokenAtMs = Date.now();
  await reached(hub, 'live');
  expect(Date.now() - wokenAtMs).toBeLessThan(1000);
  hub.close();
  expect(device.isListening).toBe(false);
});

test('in a page, the return of the network and of visibility are wakes; without a page nothing is listened for', () => {
  const run = vi.fn();
  platformEnvironment.onWake(run)();
  const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
  const globals = new EventTarget();
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', globals.addEventListener.bind(globals));
  vi.stubGlobal('removeEventListener', globals.removeEventListener.bind(globals));
  const stop = platformEnvironment.onWake(run);
  page.dispatchEvent(new Event('visibilitychange'));
  expect(run).toHaveBeenCalledTimes(0);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  globals.dispatchEvent(new Event('online'));
  expect(run).toHaveBeenCalledTimes(2);
  stop();
  globals.dispatchEvent(new Event('online'));
  expect(run).toHaveBeenCalledTimes(2);
});
