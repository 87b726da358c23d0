/**
 * Sends events to a log topic by a fixed schedule, whatever the servers do: what falls due while a request is under way
 * goes with the next, and each event carries the time at which it was to be sent. Whoever measures from that time sees
 * every delay (no coordinated omission).
 */
import { createKafkaEventLog } from '../../adapters/kafka/kafka-event-log.ts';
import { oneEpoch } from './one-epoch.ts';
import { openKafka } from '../../adapters/kafka/kafka-connection.ts';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { partitionOf } from '../../channels/ports/event-log.ts';
import { identityMask } from '../../channels/wire/mask.ts';
import { defaultForm } from '../../channels/wire/form.ts';
import { carriedDocument, EventMaker } from '../../channels/wire/wire-event.ts';
import { createOpaqueIds, firstIdKey } from '../../server/sealing/opaque-ids.ts';
import { benchEvents } from './bench-events.ts';
import { benchSecret } from './bench-token.ts';
import { monotonicMs, toRecordedTime } from './latency-clock.ts';

/** From the parent, as first argument. */
export interface SenderOrder {
  readonly brokers: string;
  readonly topicPrefix: string;
  readonly partitions: number;
  readonly events: number;
  readonly ratePerSecond: number;
  /** `hub`: the hub's own events; `wire`: the bytes that clients get. */
  readonly form: 'hub' | 'wire';
}

/** To the parent. */
export type SenderReport =
  | { readonly type: 'prepared' }
  | { readonly type: 'sent' }
  | { readonly type: 'failed'; readonly reason: string };

const order = JSON.parse(process.argv[2] ?? '{}') as SenderOrder;
const { topicPrefix, partitions: partitionCount, ratePerSecond } = order;
const brokers = order.brokers.split(',');
const log = await createKafkaEventLog({
  brokers,
  clientId: 'bench-sender',
  topicPrefix,
  epochs: oneEpoch(),
  partitionCount,
});
const producer = openKafka({ brokers, clientId: 'bench-sender' }).producer({ allowAutoTopicCreation: false });
const ids = createOpaqueIds(firstIdKey(benchSecret));

async function appendHub(events: readonly HubEvent[]): Promise<void> {
  const failed = (await log.append(events)).find((result) => !result.ok);
  if (failed !== undefined && !failed.ok) throw failed.error;
}

function wireMessage(event: HubEvent): { readonly value: string; readonly partition: number } {
  const transition = event.data.heads.before === null ? 'enter' : 'update';
  const maker = new EventMaker(event, { id: ids.event(event), mask: identityMask });
  return {
    value: maker.text(transition, defaultForm, carriedDocument(event)) ?? '',
    partition: partitionOf(event.tenant, event.subject, partitionCount),
  };
}

async function appendWire(events: readonly HubEvent[]): Promise<void> {
  await producer.send({ topic: `${topicPrefix}.events.1`, acks: -1, messages: events.map(wireMessage) });
}

async function sendAll(events: readonly HubEvent[]): Promise<void> {
  const append = order.form === 'hub' ? appendHub : appendWire;
  const startMs = monotonicMs() + 50;
  const dueMs = (index: number): number => startMs + (index * 1000) / ratePerSecond;
  for (let next = 0; next < events.length;) {
    const due = Math.min(events.length, Math.floor(((monotonicMs() - startMs) * ratePerSecond) / 1000) + 1);
    if (due <= next) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    const some = events
      .slice(next, due)
      .map((event, index) => ({ ...event, recordedtime: toRecordedTime(dueMs(next + index)) }));
    next = due;
    await append(some);
  }
}

function report(message: SenderReport): void {
  process.send?.(message);
}

await producer.connect();
const events = benchEvents(order.events);
report({ type: 'prepared' });
process.once('message', () => {
  sendAll(events).then(
    () => report({ type: 'sent' }),
    (error: Error) => report({ type: 'failed', reason: error.message }),
  );
});
