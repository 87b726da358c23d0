import { setTimeout as pause } from 'node:timers/promises';
import type { HubApi } from '../hub-api.ts';
import { bankFeed } from './bank-feed.ts';
import { sentAt } from './feed-message.ts';

export interface PlayOptions {
  readonly api: HubApi;
  readonly seed: number;
  /** 2 plays twice as fast. */
  readonly speed: number;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

const contentTypes = { events: 'application/cloudevents+json', atlas: 'application/json' } as const;

/**
 * Posts one message after the other to the connectors, as source systems would, until the signal.
 * @throws HubError when the hub does not take one
 */
export async function playFeed({ api, seed, speed, signal, now }: PlayOptions): Promise<void> {
  for (const item of bankFeed({ seed })) {
    if (signal.aborted) return;
    await api.post(`/v1/ingest/${item.connector}`, JSON.stringify(sentAt(item, now())), contentTypes[item.connector]);
    // rejects when the signal comes, which the loop sees
    await pause(item.pauseMs / speed, undefined, { signal }).catch(() => undefined);
  }
}
