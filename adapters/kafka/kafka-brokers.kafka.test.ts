import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Admin } from 'kafkajs';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { EventLog, LogTail } from '../../channels/ports/event-log.ts';
import { canRunBroker, type OwnCluster, startOwnCluster } from '../../test/setup/own-broker.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { appendUntilOk } from '../contract/append-until-ok.ts';
import { eventually } from '../contract/eventually.ts';
import { memoryEpochs } from '../contract/memory-epochs.ts';
import { sampleAsset, sampleEvent, urnIn } from '../contract/samples.ts';
import { openKafka } from './kafka-connection.ts';
import { createKafkaEventLog } from './kafka-event-log.ts';

const possible = await canRunBroker();
const partitionCount = 4;
/** The second broker of the cluster: the one that a test may kill. */
const mortal = 2;
/** A partition may have to find another leader first. */
const failoverMs = 60_000;

describeWithServices(['kafka'], 'two brokers', () => {
  let cluster: OwnCluster;
  let admin: Admin;

  beforeAll(async () => {
    if (!possible) return;
    cluster = await startOwnCluster(2);
    admin = openKafka({ brokers: cluster.url.split(','), clientId: 'test' }).admin();
    await admin.connect();
    await eventually(async () => expect((await admin.describeCluster()).brokers).toHaveLength(2));
  }, 120_000);
  afterAll(async () => {
    await admin?.disconnect();
    await cluster?.dispose();
  });

  const open = (topicPrefix: string, replicationFactor: number): Promise<EventLog> =>
    createKafkaEventLog({
      brokers: cluster.url.split(','),
      clientId: 'test',
      topicPrefix,
      epochs: memoryEpochs(),
      partitionCount,
      replicationFactor,
      silenceMs: 4000,
    });

  const leaders = async (topicPrefix: string): Promise<ReadonlyMap<number, number>> => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [`${topicPrefix}.events.1`] });
    return new Map(topics[0]?.partitions.map(({ partitionId, leader }) => [partitionId, leader]));
  };
  const ledBy = async (topicPrefix: string, broker: number): Promise<readonly number[]> =>
    [...(await leaders(topicPrefix))].filter(([, leader]) => leader === broker).map(([partition]) => partition);

  it.skipIf(!possible)(
    'confirms what the living broker took and only that, and loses nothing of the other',
    async () => {
      const log = await open('partial', 1);
      const dead = await ledBy('partial', mortal);
      const alive = await ledBy('partial', 1);
      expect([dead.length, alive.length]).toEqual([2, 2]);
      const reader = await follow(log);
      await appendUntilOk(log, oneEach(1), failoverMs);

      await cluster.brokers[mortal - 1]?.kill();
      const results = await log.append(oneEach(2));
      for (const partition of alive) expect(results[partition]).toMatchObject({ ok: true, partition });
      for (const partition of dead)
        expect(results[partition]).toMatchObject({ ok: false, error: { code: 'storage-unavailable' } });
      // the next round repeats nothing of what the living broker has
      expect((await log.append(alive.map((partition) => event(partition, 3)))).every(({ ok }) => ok)).toBe(true);
      const again = await log.append(oneEach(3));
      for (const partition of dead) expect(again[partition]).toMatchObject({ ok: false });

      await cluster.brokers[mortal - 1]?.restart();
      await appendUntilOk(
        log,
        dead.flatMap((partition) => [event(partition, 2), event(partition, 3)]),
        failoverMs,
      );
      await appendUntilOk(log, oneEach(4), failoverMs);
      await eventually(() => expect(reader.versions()).toEqual(everyPartition([1, 2, 3, 4])), 60_000);
      await reader.tail.close();
      await log.close();
    },
    180_000,
  );

  it.skipIf(!possible)(
    'goes on with the other replica when the leader of a partition is killed',
    async () => {
      const log = await open('failover', 2);
      await eventually(async () => expect((await ledBy('failover', mortal)).length).toBeGreaterThan(0));
      const reader = await follow(log);
      await appendUntilOk(log, oneEach(1), failoverMs);

      const killed = cluster.brokers[mortal - 1]?.kill();
      for (let version = 2; version <= 20; version++) await appendUntilOk(log, oneEach(version), failoverMs);
      await killed;
      expect(await ledBy('failover', 1)).toHaveLength(partitionCount);
      await cluster.brokers[mortal - 1]?.restart();
      await appendUntilOk(log, oneEach(21), failoverMs);
      const all = Array.from({ length: 21 }, (_, index) => index + 1);
      await eventually(() => expect(reader.versions()).toEqual(everyPartition(all)), 60_000);
      await reader.tail.close();
      await log.close();
    },
    180_000,
  );
});

function event(partition: number, version: number): HubEvent {
  return sampleEvent(sampleAsset('acme', urnIn(partition, partitionCount, 'acme'), { version }));
}

function oneEach(version: number): readonly HubEvent[] {
  return Array.from({ length: partitionCount }, (_, partition) => event(partition, version));
}

function everyPartition<T>(value: T): readonly T[] {
  return Array.from({ length: partitionCount }, () => value);
}

interface Follower {
  readonly tail: LogTail;
  /** The versions of each partition in the order in which they came, each where it came first. */
  versions(): readonly (readonly number[])[];
}

async function follow(log: EventLog): Promise<Follower> {
  const seen = Array.from({ length: partitionCount }, () => new Set<number>());
  const tail = await log.tail({
    from: everyPartition(0),
    onGap: ({ partition }) => expect.unreachable(`gap in ${partition}`),
    onRecords: (partition, records) => {
      for (const { value } of records) seen[partition]?.add((JSON.parse(value) as HubEvent).data.version);
    },
  });
  return { tail, versions: () => seen.map((versions) => [...versions]) };
}
