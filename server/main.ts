#!/usr/bin/env node
import { createEmbeddedCatalogStore } from '../adapters/embedded/embedded-catalog-store.ts';
import { createEmbeddedEnvironment } from '../adapters/embedded/embedded-environment.ts';
import { createEmbeddedEventLog } from '../adapters/embedded/embedded-event-log.ts';
import { diagnoseDataFolder } from '../adapters/embedded/diagnose-data-folder.ts';
import { createInProcessControlBus } from '../adapters/embedded/in-process-control-bus.ts';
import { readBaseline } from '../adapters/formats/baseline.ts';
import { createFormats } from '../adapters/formats/formats.ts';
import { diagnoseConnector, diagnoseEventLog } from '../adapters/kafka/diagnose-kafka.ts';
import type { KafkaConnectionOptions } from '../adapters/kafka/kafka-connection.ts';
import { createKafkaConnectorSource } from '../adapters/kafka/kafka-connector-source.ts';
import { createKafkaEventLog } from '../adapters/kafka/kafka-event-log.ts';
import { diagnoseMongo } from '../adapters/mongo/diagnose-mongo.ts';
import { createMongoCatalogStore } from '../adapters/mongo/mongo-catalog-store.ts';
import { diagnoseRedis } from '../adapters/redis/diagnose-redis.ts';
import { createRedisControlBus } from '../adapters/redis/redis-control-bus.ts';
import type { Diagnose } from './cli/diagnose.ts';
import { runProgram } from './cli/program.ts';
import type { ConnectorConfig } from './config/hub-file.ts';
import { isCluster } from './config/read-settings.ts';
import type { Settings } from './config/settings.ts';
import type { HubAdapters, OpenAdapters } from './lifecycle/hub-adapters.ts';

/** The only file that knows which technologies a hub runs on. */

const formatOf: HubAdapters['formatOf'] = (connector) => createFormats({ atlas: { superTypes: connector.superTypes } })[connector.format];

/** Where a connector's topic is: its own cluster, else that of the event log; none in an embedded hub. */
function connectorKafka(connector: ConnectorConfig, settings: Settings): Omit<KafkaConnectionOptions, 'clientId' | 'onLog'> | undefined {
  if (connector.kafka !== undefined) {
    const { brokers, tls, sasl } = connector.kafka;
    return { brokers, ...(tls ? { ssl: true } : {}), ...(sasl === undefined ? {} : { sasl }) };
  }
  return settings.kafkaBrokers.length === 0 ? undefined : logKafka(settings);
}

function logKafka(settings: Settings): Omit<KafkaConnectionOptions, 'clientId' | 'onLog'> {
  const { kafkaBrokers: brokers, kafkaSasl: mechanism, kafkaUser: username = '', kafkaPassword: password = '', kafkaTls } = settings;
  return { brokers, ...(kafkaTls ? { ssl: true } : {}), ...(mechanism === 'none' ? {} : { sasl: { mechanism, username, password } }) };
}

const openAdapters: OpenAdapters = async (options) => (options.mode === 'cluster' ? openCluster(options) : openEmbedded(options));

function sourceFactory({ settings, node, onNote }: Parameters<OpenAdapters>[0]): HubAdapters['sourceOf'] {
  return (connector) => {
    const kafka = connectorKafka(connector, settings);
    if (connector.topic === undefined || kafka === undefined) return undefined;
    return createKafkaConnectorSource({
      ...kafka,
      clientId: `${settings.topicPrefix}-${node}`,
      topic: connector.topic,
      groupId: connector.groupId ?? `${settings.topicPrefix}.connector.${connector.id}`,
      onLog: (_level, message) => onNote('kafka', message),
    });
  };
}

async function openEmbedded(options: Parameters<OpenAdapters>[0]): Promise<HubAdapters> {
  const environment = await createEmbeddedEnvironment({ folder: options.settings.dataDir });
  const store = createEmbeddedCatalogStore({ environment });
  const log = await createEmbeddedEventLog({ environment, clock: options.clock });
  const bus = createInProcessControlBus({ onFault: (error) => options.onFault('control bus', error) });
  return {
    mode: 'embedded', store, log, bus, formatOf, readBaseline,
    sourceOf: sourceFactory(options),
    close: async () => {
      await log.close();
      await store.close();
      await bus.close();
      await environment.close();
    },
  };
}

async function openCluster(options: Parameters<OpenAdapters>[0]): Promise<HubAdapters> {
  const { settings, node, onFault, onNote } = options;
  const store = await createMongoCatalogStore({ url: settings.mongoUrl ?? '', appName: `pursight-${node}` });
  try {
    // the first node decides, all others follow what is stored
    const epoch = await store.putMetaIfAbsent('epoch', '1');
    const partitionCount = Number(await store.putMetaIfAbsent(`epoch.${epoch}.partitions`, String(settings.logPartitions)));
    const log = await createKafkaEventLog({
      ...logKafka(settings),
      clientId: `${settings.topicPrefix}-${node}`,
      topicPrefix: settings.topicPrefix,
      epoch,
      partitionCount,
      replicationFactor: settings.logReplication,
      onLog: (_level, message) => onNote('kafka', message),
    });
    const bus = createRedisControlBus({ url: settings.redisUrl ?? '', node, prefix: settings.topicPrefix, onFault: (error) => onFault('redis', error) });
    return {
      mode: 'cluster', store, log, bus, formatOf, readBaseline,
      sourceOf: sourceFactory(options),
      close: async () => {
        await log.close();
        await bus.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

const diagnose: Diagnose = async function* (settings, file) {
  if (isCluster(settings)) yield* diagnoseCluster(settings);
  else yield* diagnoseDataFolder({ folder: settings.dataDir });
  for (const connector of file?.connectors ?? []) {
    const kafka = connectorKafka(connector, settings);
    if (connector.topic === undefined || kafka === undefined) continue;
    const setting = connector.kafka === undefined ? 'PURSIGHT_KAFKA_BROKERS' : `kafka of connector ${connector.id} in PURSIGHT_CONFIG`;
    yield* diagnoseConnector({ ...kafka, clientId: 'pursight-doctor', name: `connector ${connector.id}`, setting }, { topic: connector.topic, connector: connector.id });
  }
};

async function* diagnoseCluster(settings: Settings): ReturnType<Diagnose> {
  const stored = yield* diagnoseMongo({ url: settings.mongoUrl ?? '', clock: { now: () => Date.now() } });
  yield* diagnoseEventLog(
    { ...logKafka(settings), clientId: 'pursight-doctor', name: 'event log', setting: 'PURSIGHT_KAFKA_BROKERS' },
    { topicPrefix: settings.topicPrefix, epoch: stored?.epoch ?? '1', storedPartitions: stored?.partitions, configuredPartitions: settings.logPartitions },
  );
  yield* diagnoseRedis({ url: settings.redisUrl ?? '' });
}

process.exitCode = await runProgram({ argv: process.argv, environment: process.env, openAdapters, diagnose });
