import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HubEvent } from '../../channels/event/hub-event.ts';
import type { EventLog } from '../../channels/ports/event-log.ts';
import { canRunBroker, startOwnBroker } from '../../test/setup/own-broker.ts';
import type { OwnServer } from '../../test/setup/own-server.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { eventually } from '../contract/eventually.ts';
import { memoryEpochs } from '../contract/memory-epochs.ts';
import { sampleAsset, sampleEvent, urnIn } from '../contract/samples.ts';
import { createKafkaConnectorSource } from './kafka-connector-source.ts';
import { createKafkaEventLog } from './kafka-event-log.ts';

const possible = await canRunBroker();

describeWithServices(['kafka'], 'Kafka outage', () => {
  let broker: OwnServer;
  let log: EventLog;

  beforeAll(async () => {
    if (!possible) return;
    broker = await startOwnBroker();
    log = await createKafkaEventLog({ ...client(), topicPrefix: 'outage', epochs: memoryEpochs(), partitionCount: 1 });
  });
  afterAll(async () => {
    await log?.close();
    await broker?.dispose();
  });

  const client = () => ({ brokers: [broker.url], clientId: 'test' });

  it.skipIf(!possible)(
    'loses nothing that was confirmed, shows the outage, and goes on by itself',
    async () => {
      const [logOffsets, sourceOffsets]: [number[], number[]] = [[], []];
      let lastContactMs = 0;
      const tail = await log.tail({
        from: [0],
        onRecords: (_, records) => void logOffsets.push(...records.map(({ offset }) => offset)),
        onGap: ({ expected, found }) => expect.unreachable(`gap ${expected} to ${found}`),
        onContact: () => (lastContactMs = Date.now()),
      });
      // The same topic stands in for one of an outside system.
      const source = createKafkaConnectorSource({
        ...client(),
        topic: 'outage.events.1',
        groupId: 'g',
        retryPauseMs: 50,
      });
      await source.start({
        position: async () => ({ next: (sourceOffsets.at(-1) ?? -1) + 1 }),
        onRefused: async () => expect.unreachable('refused'),
        onRecords: async (_, records) => void sourceOffsets.push(...records.map(({ offset }) => offset)),
        onGap: () => expect.unreachable('gap'),
        onFault: () => {},
      });
      await log.append(versions(1, 10));
      await eventually(() => expect([logOffsets.length, sourceOffsets.length]).toEqual([10, 10]));

      await broker.kill();
      const [refused] = await log.append(versions(11, 11));
      expect(refused).toMatchObject({ ok: false, error: { code: 'storage-unavailable' } });
      await expect(log.ends()).rejects.toMatchObject({ code: 'storage-unavailable' });
      await expect(source.lag()).rejects.toMatchObject({ code: 'storage-unavailable' });
      const contactAtMs = lastContactMs;
      expect(Date.now() - contactAtMs).toBeGreaterThan(1000);

      await broker.restart();
      await eventually(async () => {
        const results = await log.append(versions(11, 20));
        expect(results.every(({ ok }) => ok)).toBe(true);
      }, 60_000);
      await eventually(() => expect(lastContactMs).toBeGreaterThan(contactAtMs), 60_000);
      const heads = await log.ends();
      const all = Array.from({ length: heads[0] ?? 0 }, (_, offset) => offset);
      expect(all.length).toBeGreaterThanOrEqual(20);
      await eventually(() => expect([logOffsets, sourceOffsets]).toEqual([all, all]), 60_000);
      await tail.close();
      await source.stop();
    },
    180_000,
  );
});

const subject = urnIn(0, 1, 'acme');

function versions(from: number, to: number): HubEvent[] {
  return Array.from({ length: to - from + 1 }, (_, i) =>
    sampleEvent(sampleAsset('acme', subject, { version: from + i })),
  );
}
