import { createHub, type Hub, type WireEvent } from '@pursight/client';

/** What one client got, for exact comparison. */
export interface Recorder {
  readonly name: string;
  readonly events: readonly WireEvent[];
  readonly gaps: readonly string[];
  readonly hub: Hub;
  close(): void;
}

export interface RecorderOptions {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly channel: string;
  readonly filter?: Parameters<Hub['channel']>[1] extends infer Options
    ? NonNullable<Options> extends { readonly filter?: infer Filter }
      ? Filter
      : never
    : never;
}

/** Subscribes and records; resolves when the subscription is live. */
export async function record({ name, url, token, channel, filter }: RecorderOptions): Promise<Recorder> {
  const hub = createHub({ url, token, client: name, reconnect: { minMs: 50, maxMs: 500 } });
  const subscription = hub.channel(channel, filter === undefined ? {} : { filter });
  const events: WireEvent[] = [];
  const gaps: string[] = [];
  subscription.on('event', (event) => events.push(event));
  subscription.on('gap', ({ reason }) => gaps.push(reason));
  await subscription.live;
  return { name, events, gaps, hub, close: () => hub.close() };
}

/** `kind subject` of each event, in order: enough to see who got what. */
export function outline(events: readonly WireEvent[]): readonly string[] {
  return events.map((event) => `${event.kind} ${event.subject.slice(event.subject.lastIndexOf(':') + 1)}`);
}
