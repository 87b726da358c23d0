import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Admin } from 'kafkajs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EventLog } from '../../channels/ports/event-log.ts';
import { describeWithServices } from '../../test/setup/services.ts';
import { eventually } from '../contract/eventually.ts';
import { memoryEpochs } from '../contract/memory-epochs.ts';
import { sampleAsset, sampleEvent, urnIn } from '../contract/samples.ts';
import { openKafka } from './kafka-connection.ts';
import { createKafkaEventLog } from './kafka-event-log.ts';

const program = fileURLToPath(new URL('../contract/kafka-tail-process.ts', import.meta.url));
/** The least that a broker takes as it is delivered. */
const sessionTimeoutMs = 6000;
const partitionCount = 2;

describeWithServices(['kafka'], 'a reader that is frozen past its session', ({ kafka: brokers }) => {
  const client = { brokers: brokers.split(','), clientId: 'test' };
  let topicPrefix: string;
  let log: EventLog;
  let admin: Admin;
  let child: ChildProcess;
  let output: string;

  beforeEach(async () => {
    topicPrefix = `t${randomUUID()}`;
    log = await createKafkaEventLog({ ...client, topicPrefix, epochs: memoryEpochs(), partitionCount });
    admin = openKafka(client).admin();
    await admin.connect();
    output = '';
    const args = ['--import', 'tsx', program, brokers, topicPrefix, `${partitionCount}`, `${sessionTimeoutMs}`];
    child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  });
  afterEach(async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await log.close();
    await admin.deleteTopics({ topics: [`${topicPrefix}.events.1`] });
    await admin.disconnect();
  });

  const append = async (from: number, to: number): Promise<void> => {
    for (const partition of [0, 1]) {
      const urn = urnIn(partition, partitionCount, 'acme');
      const versions = Array.from({ length: to - from + 1 }, (_, index) => from + index);
      const results = await log.append(versions.map((version) => sampleEvent(sampleAsset('acme', urn, { version }))));
      expect(results.every(({ ok }) => ok)).toBe(true);
    }
  };
  const offsetsIn = (wanted: number): readonly number[] =>
    output.split('\n').flatMap((line) => {
      const [partition, offset] = line.split(' ');
      return partition === `${wanted}` ? [Number(offset)] : [];
    });
  const upTo = (end: number): readonly number[] => Array.from({ length: end }, (_, offset) => offset);
  /** How many members the coordinator knows of the groups of the reader. */
  const members = async (): Promise<number> => {
    const { groups } = await admin.listGroups();
    const own = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(`${topicPrefix}.events.1.tail.`));
    const described = await admin.describeGroups(own);
    return described.groups.reduce((sum, group) => sum + group.members.length, 0);
  };

  it('gets everything that came meanwhile, once and in order', async () => {
    await append(1, 5);
    await eventually(() => expect([offsetsIn(0), offsetsIn(1)]).toEqual([upTo(5), upTo(5)]));
    for (const round of [1, 2]) {
      child.kill('SIGSTOP');
      await append(round * 10, round * 10 + 4);
      await eventually(async () => expect(await members()).toBe(0), 30_000);
      await append(round * 10 + 5, round * 10 + 9);
      child.kill('SIGCONT');
      await append(round * 10 + 100, round * 10 + 100);
      const all = upTo(5 + round * 11);
      await eventually(() => expect([offsetsIn(0), offsetsIn(1)]).toEqual([all, all]), 40_000);
    }
    expect(output).not.toContain('gap');
    expect(output).not.toContain('was recreated or truncated');
  }, 120_000);
});
