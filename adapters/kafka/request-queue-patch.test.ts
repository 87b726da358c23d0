import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { patchRequestQueue } from './request-queue-patch.ts';

interface Queue {
  readonly throttleCheckTimeoutId: unknown;
  checkPendingRequests(): void;
  push(request: { entry: { correlationId: number }; expectResponse: boolean; sendRequest: () => void }): void;
  fulfillRequest(response: { correlationId: number; payload: null; size: number }): void;
  destroy(): void;
}

let queue: Queue;
let sent: number[];

beforeEach(() => {
  patchRequestQueue();
  patchRequestQueue();
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
    options: object,
  ) => Queue;
  queue = new RequestQueue({
    maxInFlightRequests: 1,
    requestTimeout: 1000,
    clientId: 'test',
    broker: 'test:1',
    logger: { debug: () => {}, warn: () => {} },
  });
  sent = [];
});

afterEach(() => queue.destroy());

function push(correlationId: number): void {
  const entry = { correlationId, resolve: () => {}, reject: () => {} };
  queue.push({ entry, expectResponse: true, sendRequest: () => sent.push(correlationId) });
}

it('arms no timer while nothing waits', () => {
  queue.checkPendingRequests();
  expect(queue.throttleCheckTimeoutId).toBeNull();
  push(1);
  queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
  expect(sent).toEqual([1]);
  expect(queue.throttleCheckTimeoutId).toBeNull();
});

it('still checks again while a request waits, and sends it', () => {
  push(1);
  push(2);
  expect(queue.throttleCheckTimeoutId).not.toBeNull();
  queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
  expect(sent).toEqual([1, 2]);
});
