// Reads a log of Kafka until it is killed, and writes what it got to stdout: `partition offset` a record, `gap ...` and
// `fault ...` otherwise. Arguments: brokers, topic prefix, number of partitions, session timeout in ms.
import { writeSync } from 'node:fs';
import { createKafkaEventLog } from '../kafka/kafka-event-log.ts';
import { onlyFirstEpoch } from './memory-epochs.ts';

const [brokers = '', topicPrefix = '', partitions = '1', sessionTimeoutMs = '6000'] = process.argv.slice(2);
const partitionCount = Number(partitions);
const log = await createKafkaEventLog({
  brokers: brokers.split(','),
  clientId: 'child',
  topicPrefix,
  epochs: onlyFirstEpoch(),
  partitionCount,
  sessionTimeoutMs: Number(sessionTimeoutMs),
});
await log.tail({
  from: Array.from({ length: partitionCount }, () => 0),
  onRecords: (partition, records) => {
    writeSync(1, records.map(({ offset }) => `${partition} ${offset}\n`).join(''));
  },
  onGap: ({ partition, expected, found }) => writeSync(1, `gap ${partition} ${expected} ${found}\n`),
  onFault: ({ message }) => writeSync(1, `fault ${message}\n`),
});
