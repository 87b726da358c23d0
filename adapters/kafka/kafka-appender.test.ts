import type { Producer, ProducerRecord, RecordMetadata } from 'kafkajs';
import { beforeEach, expect, it } from 'vitest';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import { sampleAsset, sampleEvent, urnIn } from '../contract/samples.ts';
import { KafkaAppender } from './kafka-appender.ts';

// A stand-in for the producer: one broker cannot be brought to give the answers that several brokers give.
type Answer = (record: ProducerRecord) => RecordMetadata[];

let requests: ProducerRecord[];
let answers: Answer[];
const partitionCount = 2;

const producer = {
  send: async (record: ProducerRecord) => {
    requests.push(record);
    return (answers.shift() ?? confirm(0, 1))(record);
  },
} as unknown as Producer;

beforeEach(() => {
  requests = [];
  answers = [];
});

/** Confirms these partitions with base offset 10 and leaves the others out. */
function confirm(...partitions: number[]): Answer {
  return () => partitions.map((partition) => ({ topicName: 't', partition, errorCode: 0, baseOffset: '10' }));
}

function event(partition: number, version: number): HubEvent {
  return sampleEvent(sampleAsset('acme', urnIn(partition, partitionCount, 'acme'), { version }));
}

function sentVersions(): number[][] {
  return requests.map(({ messages }) =>
    messages.map(({ value }) => (JSON.parse(String(value)) as HubEvent).data.version),
  );
}

it('numbers the events of a partition from the confirmed offset', async () => {
  const appender = new KafkaAppender({ producer, topic: 't', partitionCount });
  expect(await appender.append([event(0, 1), event(1, 2), event(0, 3)])).toEqual([
    { ok: true, partition: 0, offset: 10 },
    { ok: true, partition: 1, offset: 10 },
    { ok: true, partition: 0, offset: 11 },
  ]);
  expect(requests[0]?.acks).toBe(-1);
  expect(requests[0]?.messages.map(({ partition }) => partition)).toEqual([0, 1, 0]);
});

it('reports a partition that the answer leaves out as not appended', async () => {
  answers = [confirm(1)];
  const appender = new KafkaAppender({ producer, topic: 't', partitionCount });
  const results = await appender.append([event(0, 1), event(1, 2)]);
  expect(results).toMatchObject([
    { ok: false, error: { code: 'storage-unavailable' } },
    { ok: true, partition: 1, offset: 10 },
  ]);
});

it('does not take an answer without an offset for a success', async () => {
  answers = [() => [{ topicName: 't', partition: 0, errorCode: 0, baseOffset: '-1' }]];
  const appender = new KafkaAppender({ producer, topic: 't', partitionCount });
  expect(await appender.append([event(0, 1)])).toMatchObject([{ ok: false }]);
});

it('I4: sends nothing more to a refused partition in the same round, so that no later version overtakes', async () => {
  answers = [confirm(1)];
  const appender = new KafkaAppender({ producer, topic: 't', partitionCount, maxRequestBytes: 1 });
  const results = await appender.append([event(0, 1), event(0, 2), event(1, 3)]);
  expect(results.map(({ ok }) => ok)).toEqual([false, false, true]);
  expect(sentVersions()).toEqual([[1], [3]]);
});

const fail: Answer = () => {
  throw new Error('broker gone');
};

it('translates a send that fails, for every event of it, and goes on with the next call', async () => {
  answers = [fail, fail, fail];
  const appender = new KafkaAppender({ producer, topic: 't', partitionCount });
  const results = await appender.append([event(0, 1), event(1, 2)]);
  expect(results).toMatchObject([
    { ok: false, error: { code: 'storage-unavailable', operatorMessage: expect.stringContaining('broker gone') } },
    { ok: false, error: { code: 'storage-unavailable' } },
  ]);
  expect(await appender.append([event(0, 1)])).toMatchObject([{ ok: true }]);
});

it('sends partitions apart when a send failed, so that one that works is confirmed in the same round', async () => {
  answers = [fail, fail, confirm(1)];
  const appender = new KafkaAppender({ producer, topic: 't', partitionCount });
  const results = await appender.append([event(0, 1), event(1, 2), event(0, 3)]);
  expect(results.map(({ ok }) => ok)).toEqual([false, true, false]);
  expect(sentVersions()).toEqual([[1, 2, 3], [1, 3], [2]]);
});

it('keeps a partition in doubt apart until it works, so that nothing is repeated with it', async () => {
  answers = [fail, fail, confirm(1), fail, confirm(1)];
  const appender = new KafkaAppender({ producer, topic: 't', partitionCount });
  await appender.append([event(0, 1), event(1, 2)]);
  requests = [];
  for (const version of [3, 4, 5]) await appender.append([event(0, 1), event(1, version)]);
  expect(sentVersions()).toEqual([[1], [3], [1], [4], [1, 5]]);
});

it('splits what goes to several partitions at a megabyte, counted in UTF-8', async () => {
  const actor = { type: 'user', id: 'ä'.repeat(5_000) } as const;
  const large = (index: number): HubEvent => {
    const whole = event(index % 2, index + 1);
    return { ...whole, data: { ...whole.data, actor } };
  };
  const events = Array.from({ length: 150 }, (_, index) => large(index));
  const appender = new KafkaAppender({ producer, topic: 't', partitionCount });
  answers = Array.from({ length: 10 }, () => confirm(0, 1));
  expect((await appender.append(events)).every(({ ok }) => ok)).toBe(true);
  const sizes = requests.map(({ messages }) =>
    messages.reduce((sum, { value }) => sum + Buffer.byteLength(String(value)), 0),
  );
  expect(sizes.length).toBeGreaterThan(1);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000_000);
  expect(sentVersions().flat()).toEqual(events.map(({ data }) => data.version));
});

it('splits by bytes', async () => {
  const bytes = JSON.stringify(event(0, 1)).length;
  const appender = new KafkaAppender({ producer, topic: 't', partitionCount, maxRequestBytes: bytes * 2.5 + 400 });
  await appender.append([event(0, 1), event(0, 2), event(0, 3), event(0, 4), event(0, 5)]);
  expect(sentVersions()).toEqual([[1, 2], [3, 4], [5]]);
});

it('sends calls that wait together, in their order, and gives each its own results', async () => {
  const appender = new KafkaAppender({ producer, topic: 't', partitionCount });
  const all = await Promise.all([appender.append([event(0, 1)]), appender.append([event(0, 2), event(1, 3)])]);
  expect(sentVersions()).toEqual([[1, 2, 3]]);
  expect(all.map((results) => results.map((result) => result.ok && result.offset))).toEqual([[10], [11, 10]]);
});
