import { messageOf } from '../../channels/base/thrown.ts';
import type { Admin } from 'kafkajs';
import type { Check } from '../../channels/ports/check.ts';
import { compressionCheck, retentionCheck } from './diagnose-topic-settings.ts';
import { type KafkaConnectionOptions, openKafka } from './kafka-connection.ts';
import { topicConfig } from './topic-config.ts';

export interface KafkaDiagnosis extends Omit<KafkaConnectionOptions, 'onLog'> {
  /** Who asks for this cluster, as the checks name it: `event log`, `connector atlas`. */
  readonly name: string;
  /** How a person corrects the address: the setting or field. */
  readonly setting: string;
}

export interface LogTopicDiagnosis {
  readonly topicPrefix: string;
  readonly epoch: string;
  /** Stored at the first start; undefined when the hub has never run. */
  readonly storedPartitions: number | undefined;
  readonly configuredPartitions: number;
  readonly journalRetentionMs: number;
}

function unreachableCheck({ name, setting, brokers }: KafkaDiagnosis, error: unknown): Check {
  const fix = `correct ${setting}, and see that a broker listens there (security protocol, user and password included)`;
  return { name: `kafka ${name}`, state: 'fail', found: `cannot use ${brokers.join(', ')}: ${messageOf(error)}`, fix };
}

/** Runs `look` with a connected admin client. The first check says whether the cluster answers at all. */
async function* withAdmin(
  diagnosis: KafkaDiagnosis,
  look: (admin: Admin, brokerCount: number) => AsyncIterable<Check>,
): AsyncGenerator<Check> {
  const admin = openKafka(diagnosis).admin({ retry: { retries: 1, initialRetryTime: 100 } });
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    const count = brokers.length;
    yield {
      name: `kafka ${diagnosis.name}`,
      state: 'ok',
      found: `${count} broker${count === 1 ? '' : 's'} at ${diagnosis.brokers.join(', ')}`,
    };
    yield* look(admin, count);
  } catch (error) {
    yield unreachableCheck(diagnosis, error);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

function partitionCheck(name: string, topic: string, found: number, expected: LogTopicDiagnosis): Check {
  const { storedPartitions, configuredPartitions } = expected;
  const wanted = storedPartitions ?? configuredPartitions;
  if (found === wanted) return { name, state: 'ok', found: `${topic} has ${found} partitions` };
  const source = storedPartitions === undefined ? `PURSIGHT_LOG_PARTITIONS is ${wanted}` : `the catalog says ${wanted}`;
  const fix =
    'never change the partitions of an epoch: restore the topic, or delete it, which loses undelivered events and begins a new epoch';
  return { name, state: 'fail', found: `${topic} has ${found} partitions, but ${source}`, fix };
}

function durabilityCheck(config: ReadonlyMap<string, string>, replicas: number): Check {
  const insync = Number(config.get('min.insync.replicas') ?? '1');
  const found = `${replicas} replica${replicas === 1 ? '' : 's'}, min.insync.replicas ${insync}`;
  const name = 'event log durability';
  if (config.get('unclean.leader.election.enable') === 'true')
    return {
      name,
      state: 'fail',
      found: `${found}, unclean.leader.election.enable true`,
      fix: 'set unclean.leader.election.enable to false on the topic: a replica that lags would lose confirmed events',
    };
  if (replicas > 1 && insync >= replicas)
    return {
      name,
      state: 'warn',
      found,
      fix: 'set min.insync.replicas below the replicas: now one lost broker stops all writes',
    };
  if (insync >= 2) return { name, state: 'ok', found };
  return {
    name,
    state: 'warn',
    found,
    fix: 'use 3 replicas with min.insync.replicas 2 in production: now one lost disk loses events',
  };
}

async function* logChecks(admin: Admin, expected: LogTopicDiagnosis): AsyncGenerator<Check> {
  const name = 'event log topic';
  const topic = `${expected.topicPrefix}.events.${expected.epoch}`;
  // asked by list: a request for the metadata of one topic may create it
  if (!(await admin.listTopics()).includes(topic)) {
    if (expected.storedPartitions === undefined)
      yield { name, state: 'ok', found: `${topic} does not exist yet; the first start creates it` };
    else
      yield {
        name,
        state: 'fail',
        found: `${topic} does not exist, but the catalog refers to it`,
        fix: 'check PURSIGHT_TOPIC_PREFIX and PURSIGHT_KAFKA_BROKERS; if it was deleted, nodes begin a new epoch and a gap is reported to clients',
      };
    return;
  }
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = topics[0]?.partitions ?? [];
  yield partitionCheck(name, topic, partitions.length, expected);
  const leaderless = partitions.filter(({ leader }) => leader < 0).length;
  if (leaderless > 0)
    yield {
      name,
      state: 'fail',
      found: `${leaderless} partitions of ${topic} have no leader`,
      fix: 'restart the brokers that hold them',
    };
  const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
  const config = await topicConfig(admin, topic);
  yield durabilityCheck(config, replicas);
  yield* compressionCheck('event log compression', topic, config);
  yield* retentionCheck('event log retention', topic, { config, journalRetentionMs: expected.journalRetentionMs });
  if (config.get('cleanup.policy') !== 'delete') {
    yield {
      name,
      state: 'fail',
      found: `cleanup.policy is ${config.get('cleanup.policy')}`,
      fix: `set it to delete: compaction removes events of ${topic}`,
    };
  }
}

/** Looks at the cluster and the topic of the event log. Creates nothing. */
export function diagnoseEventLog(diagnosis: KafkaDiagnosis, expected: LogTopicDiagnosis): AsyncIterable<Check> {
  return withAdmin(diagnosis, (admin) => logChecks(admin, expected));
}

async function* topicCheck(admin: Admin, topic: string, connector: string): AsyncGenerator<Check> {
  const name = `connector ${connector} topic`;
  if (!(await admin.listTopics()).includes(topic)) {
    yield {
      name,
      state: 'fail',
      found: `${topic} does not exist, or this user may not see it`,
      fix: `create ${topic}, or correct topic of connector ${connector} in PURSIGHT_CONFIG`,
    };
    return;
  }
  const offsets = await admin.fetchTopicOffsets(topic);
  yield { name, state: 'ok', found: `${topic} has ${offsets.length} partition${offsets.length === 1 ? '' : 's'}` };
  // permission to read a topic does not include permission to see its settings
  const config = await topicConfig(admin, topic).catch(() => new Map<string, string>());
  yield* compressionCheck(name, topic, config);
}

/** Looks at the cluster and the topic of one connector. */
export function diagnoseConnector(
  diagnosis: KafkaDiagnosis,
  options: { readonly topic: string; readonly connector: string },
): AsyncIterable<Check> {
  return withAdmin(diagnosis, (admin) => topicCheck(admin, options.topic, options.connector));
}
