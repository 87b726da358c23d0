import { patchOnce } from './patch-once.ts';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
}

/**
 * Keeps kafkajs from burning the processor while it is idle: each connection re-arms a timer with a delay that is in
 * the past, about 700 times a second, for ever (its issue 1704), and newer Node versions warn of every negative delay.
 * A check is needed only while a request waits.
 */
export function patchRequestQueue(): void {
  patchOnce<RequestQueue>('src/network/requestQueue', (prototype) => {
    const original = prototype.scheduleCheckPendingRequests;
    prototype.scheduleCheckPendingRequests = function scheduleWhenPending() {
      if (this.pending.length > 0) original.call(this);
    };
  });
}
