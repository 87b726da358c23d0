import { onTestFinished } from 'vitest';
import { createHub, type HubOptions } from '../hub/create-hub.ts';
import type { Hub, HubStatus } from '../hub/hub.ts';
import { ContractServer } from './contract-server.ts';

/** A listening server that is closed after the test. */
export async function startServer(port = 0, log?: ContractServer['log']): Promise<ContractServer> {
  const server = await new ContractServer(log).listen(port);
  onTestFinished(() => server.close());
  return server;
}

/** A hub object with short waits, closed after the test. */
export function connect(url: string, options: Partial<HubOptions> = {}): Hub {
  const hub = createHub({ url, token: 'valid', reconnect: { minMs: 5, maxMs: 20 }, ...options });
  onTestFinished(() => hub.close());
  return hub;
}

/** Fulfilled when the hub object has the status, or had it already. */
export function reached(hub: Hub, status: HubStatus): Promise<void> {
  if (hub.status === status) return Promise.resolve();
  return new Promise((resolve) => {
    const remove = hub.on('status', (now) => {
      if (now !== status) return;
      remove();
      resolve();
    });
  });
}

/** Everything that listeners of one name get, in order. */
export function record<Name extends string, Value>(
  source: { on(name: Name, listener: (value: Value) => void): () => void },
  name: Name,
): Value[] {
  const values: Value[] = [];
  source.on(name, (value) => values.push(value));
  return values;
}
