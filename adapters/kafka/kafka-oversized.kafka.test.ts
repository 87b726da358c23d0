import { randomUUID } from 'node:crypto';
import type { Admin } from 'kafkajs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { AppendResult, EventLog } from '../../channels/ports/event-log.ts';
import { configureTopic } from '../../test/harness/kafka-topics.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { eventually } from '../contract/eventually.ts';
import { memoryEpochs } from '../contract/memory-epochs.ts';
import { sampleAsset, sampleEvent, urnIn } from '../contract/samples.ts';
import { openKafka } from './kafka-connection.ts';
import { createKafkaEventLog } from './kafka-event-log.ts';

describeWithServices(['kafka'], 'events above the limit of the topic', ({ kafka: url }) => {
  const client = { brokers: url.split(','), clientId: 'test' };
  let topic: string;
  let log: EventLog;
  let admin: Admin;

  beforeEach(async () => {
    const topicPrefix = `t${randomUUID()}`;
    topic = `${topicPrefix}.events.1`;
    log = await createKafkaEventLog({ ...client, topicPrefix, epochs: memoryEpochs(), partitionCount: 2 });
    admin = openKafka(client).admin();
    await admin.connect();
  });
  afterEach(async () => {
    await log.close();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });

  const limit = (bytes: number): Promise<void> => configureTopic(url, topic, { 'max.message.bytes': `${bytes}` });

  /** What the log holds, `subject version`, each once. */
  const stored = async (): Promise<readonly string[]> => {
    const heads = await log.ends();
    const found: string[] = [];
    const reached: number[] = [...heads].fill(0);
    const tail = await log.tail({
      from: [0, 0],
      onGap: () => expect.unreachable('gap'),
      onRecords: (partition, records) => {
        reached[partition] = (records.at(-1)?.offset ?? -1) + 1;
        for (const { value } of records) {
          const { subject, data } = JSON.parse(value) as HubEvent;
          found.push(`${subject} ${data.version}`);
        }
      },
    });
    await eventually(() => expect(reached).toEqual(heads));
    await tail.close();
    return [...new Set(found)].toSorted();
  };

  it('refuses such an event alone, with the later ones of its entity; others go on', async () => {
    await limit(20_000);
    const events = [
      event(0, 'small', 1),
      event(0, 'big', 1),
      event(0, 'big', 2, 50_000),
      event(0, 'big', 3),
      event(0, 'small', 2),
      event(1, 'other', 1),
    ];
    const results = await log.append(events);
    expect(results.map(({ ok }) => ok)).toEqual([true, true, false, false, true, true]);
    expect(codeOf(results[2])).toBe('limit-exceeded');
    expect(codeOf(results[3])).toBe('limit-exceeded');
    const name = (at: number): string => `${events[at]?.subject} ${events[at]?.data.version}`;
    expect(await stored()).toEqual([0, 1, 4, 5].map(name).toSorted());

    await limit(1_000_000);
    await eventually(async () =>
      expect((await log.append(events.slice(2, 4))).map(({ ok }) => ok)).toEqual([true, true]),
    );
    expect(await stored()).toEqual([0, 1, 2, 3, 4, 5].map(name).toSorted());
  });

  it('repeats nothing for an event whose size was refused before', async () => {
    await limit(20_000);
    const big = event(0, 'big', 1, 50_000);
    await log.append([event(0, 'small', 1), big]);
    const before = await log.ends();
    const results = await log.append([event(0, 'small', 2), big, event(0, 'small', 3)]);
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(await log.ends()).toEqual([(before[0] ?? 0) + 2, before[1]]);
  });

  it('goes on in smaller requests when only all together are too large', async () => {
    await limit(20_000);
    const events = Array.from({ length: 40 }, (_, index) => event(0, 'many', index + 1, 2_000));
    expect((await log.append(events)).every(({ ok }) => ok)).toBe(true);
    expect(await stored()).toHaveLength(40);
  });
});

const subjects = new Map([
  ['small', 0],
  ['big', 1],
  ['other', 0],
  ['many', 2],
]);

function event(partition: number, name: string, version: number, padding = 0): HubEvent {
  const urn = urnIn(partition, 2, 'acme', subjects.get(name));
  return sampleEvent(sampleAsset('acme', urn, { version, description: 'x'.repeat(padding) }), {
    source: `/warehouse/${'x'.repeat(padding)}`,
  });
}

function codeOf(result: AppendResult | undefined): unknown {
  return result?.ok === false && 'code' in result.error ? result.error.code : undefined;
}
