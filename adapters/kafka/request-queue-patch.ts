import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
}

const marker = Symbol('patched');

/**
 * Keeps kafkajs from burning the processor while it is idle: each connection re-arms a timer with a delay that is in
 * the past, about 700 times a second, for ever (its issue 1704), and newer Node versions warn of every negative delay.
 * A check is needed only while a request waits. Does its work once, however often it is called.
 */
export function patchRequestQueue(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: RequestQueue & { [marker]?: true };
  };
  if (prototype[marker]) return;
  prototype[marker] = true;
  const original = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function scheduleWhenPending() {
    if (this.pending.length > 0) original.call(this);
  };
}
