import type { KafkaConnectionOptions } from '../adapters/kafka/kafka-connection.ts';
import type { Diagnose } from './diagnose.ts';
import type { ConnectorConfig } from '../server/config/hub-file.ts';
import { isCluster } from '../server/config/read-settings.ts';
import type { Settings } from '../server/config/settings.ts';
import { createCatalogEpochs } from '../server/node/catalog-epochs.ts';
import type { HubAdapters, OpenAdapters } from '../server/node/hub-adapters.ts';
import { tellingNewer } from '../server/node/stop-on-newer.ts';

/**
 * The only file that knows which technologies a hub runs on. Each is loaded when it is needed: most commands need none,
 * and an embedded hub needs no driver of a server.
 */

/** Where a connector's topic is: its own cluster, else that of the event log; none in an embedded hub. */
function connectorKafka(
  connector: ConnectorConfig,
  settings: Settings,
): Omit<KafkaConnectionOptions, 'clientId' | 'onLog'> | undefined {
  if (connector.kafka !== undefined) {
    const { brokers, tls, sasl } = connector.kafka;
    return { brokers, ...(tls ? { ssl: true } : {}), ...(sasl === undefined ? {} : { sasl }) };
  }
  return settings.kafkaBrokers.length === 0 ? undefined : logKafka(settings);
}

function logKafka(settings: Settings): Omit<KafkaConnectionOptions, 'clientId' | 'onLog'> {
  const {
    kafkaBrokers: brokers,
    kafkaSasl: mechanism,
    kafkaUser: username = '',
    kafkaPassword: password = '',
    kafkaTls,
  } = settings;
  return {
    brokers,
    ...(kafkaTls ? { ssl: true } : {}),
    ...(mechanism === 'none' ? {} : { sasl: { mechanism, username, password } }),
  };
}

/** On a server, if one is set, else in the memory of each process that searches. */
async function openSearch({ settings, clock, turns }: Parameters<OpenAdapters>[0]): Promise<HubAdapters['search']> {
  const { meiliUrl: url, meiliKey: key, topicPrefix: deployment } = settings;
  if (url !== undefined && key !== undefined) {
    const { MeilisearchIndex } = await import('../adapters/meilisearch/meilisearch-index.ts');
    return new MeilisearchIndex({ url, key, deployment, clock });
  }
  const { EmbeddedSearchIndex } = await import('../adapters/embedded/search/embedded-search-index.ts');
  return new EmbeddedSearchIndex({ turns, clock });
}

/** Opens what the mode needs. */
export const openAdapters: OpenAdapters = async (options) =>
  options.mode === 'cluster' ? openCluster(options) : openEmbedded(options);

async function sourceFactory({
  settings,
  node,
  onNote,
}: Parameters<OpenAdapters>[0]): Promise<HubAdapters['sourceOf']> {
  const { createKafkaConnectorSource } = await import('../adapters/kafka/kafka-connector-source.ts');
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
  const { assertReadable } = await import('../adapters/embedded/catalog-tables.ts');
  const { createEmbeddedCatalogStore } = await import('../adapters/embedded/embedded-catalog-store.ts');
  const { createEmbeddedEnvironment } = await import('../adapters/embedded/embedded-environment.ts');
  const { createEmbeddedEventJournal } = await import('../adapters/embedded/embedded-event-journal.ts');
  const { createEmbeddedLeases } = await import('../adapters/embedded/embedded-leases.ts');
  const { createEmbeddedEventLog } = await import('../adapters/embedded/embedded-event-log.ts');
  const { mappedBytes } = await import('../adapters/embedded/mapped-bytes.ts');
  const { createInProcessControlTopic } = await import('../adapters/embedded/in-process-control-topic.ts');
  const { createInProcessControlBus } = await import('../adapters/embedded/in-process-control-bus.ts');
  const common = { sourceOf: await sourceFactory(options), search: await openSearch(options) };
  const environment = await createEmbeddedEnvironment({ folder: options.settings.dataDir, turns: options.turns });
  try {
    assertReadable(environment);
  } catch (error) {
    await environment.close();
    throw error;
  }
  const log = await createEmbeddedEventLog({ environment, clock: options.clock });
  const store = createEmbeddedCatalogStore({ environment, log, onDamaged: options.onDamaged });
  const journal = createEmbeddedEventJournal({ environment, epoch: log.epoch });
  const leases = createEmbeddedLeases({ environment, clock: options.clock });
  const bus = createInProcessControlBus({ onFault: (error) => options.onFault('control bus', error) });
  const control = createInProcessControlTopic();
  return {
    ...common,
    mode: 'embedded',
    mappedBytes: () => mappedBytes(options.settings.dataDir),
    store,
    log,
    journal,
    leases,
    bus,
    control,
    close: async () => {
      await control.close();
      await common.search.close();
      await log.close();
      await journal.close();
      await store.close();
      await bus.close();
      await environment.close();
    },
  };
}

/** A journal that is lost is rebuilt from the log. */
function logRetentionMs({ logRetentionMs: wanted, journalRetentionMs }: Settings): number {
  return wanted < 0 ? -1 : Math.max(wanted, journalRetentionMs);
}

async function openCluster(options: Parameters<OpenAdapters>[0]): Promise<HubAdapters> {
  const { settings, node, onFault, onNote, onNewer, onDamaged } = options;
  const { createKafkaControlTopic } = await import('../adapters/kafka/kafka-control-topic.ts');
  const { createKafkaEventLog } = await import('../adapters/kafka/kafka-event-log.ts');
  const { createMongoCatalogStore } = await import('../adapters/mongo/mongo-catalog-store.ts');
  const { createMongoEventJournal } = await import('../adapters/mongo/mongo-event-journal.ts');
  const { createRedisControlBus } = await import('../adapters/redis/redis-control-bus.ts');
  const common = { sourceOf: await sourceFactory(options), search: await openSearch(options) };
  const mongo = { url: settings.mongoUrl ?? '', appName: `pursight-${node}` };
  const store = await createMongoCatalogStore({ ...mongo, onDamaged });
  const opened: { close(): Promise<void> }[] = [store];
  try {
    // connections of its own: many who resume at once must not keep the catalog waiting
    const journal = await createMongoEventJournal(mongo);
    opened.push(journal);
    const kafka = {
      ...logKafka(settings),
      clientId: `${settings.topicPrefix}-${node}`,
      topicPrefix: settings.topicPrefix,
      replicationFactor: settings.logReplication,
      onLog: (_level: unknown, message: string) => onNote('kafka', message),
    };
    const control = await createKafkaControlTopic(kafka);
    opened.push(control);
    const log = await createKafkaEventLog({
      ...kafka,
      epochs: tellingNewer(createCatalogEpochs(store), onNewer),
      partitionCount: settings.logPartitions,
      retentionMs: logRetentionMs(settings),
      onFault: (error) => onFault('event log', error),
    });
    const bus = createRedisControlBus({
      url: settings.redisUrl ?? '',
      node,
      prefix: settings.topicPrefix,
      onFault: (error) => onFault('redis', error),
    });
    return {
      ...common,
      mode: 'cluster',
      mappedBytes: () => 0,
      store,
      log,
      journal,
      leases: journal,
      bus,
      control,
      close: async () => {
        await control.close();
        await common.search.close();
        await log.close();
        await bus.close();
        await journal.close();
        await store.close();
      },
    };
  } catch (error) {
    for (const each of opened.toReversed()) await each.close();
    throw error;
  }
}

/** Looks at whatever the settings name. */
export const diagnose: Diagnose = async function* (settings, file) {
  const { diagnoseConnector } = await import('../adapters/kafka/diagnose-kafka.ts');
  const { diagnoseDataFolder } = await import('../adapters/embedded/diagnose-data-folder.ts');
  if (isCluster(settings)) yield* diagnoseCluster(settings);
  else yield* diagnoseDataFolder({ folder: settings.dataDir });
  for (const connector of file?.connectors ?? []) {
    const kafka = connectorKafka(connector, settings);
    if (connector.topic === undefined || kafka === undefined) continue;
    const setting =
      connector.kafka === undefined
        ? 'PURSIGHT_KAFKA_BROKERS'
        : `kafka of connector ${connector.id} in PURSIGHT_CONFIG`;
    yield* diagnoseConnector(
      { ...kafka, clientId: 'pursight-doctor', name: `connector ${connector.id}`, setting },
      { topic: connector.topic, connector: connector.id },
    );
  }
};

async function* diagnoseCluster(settings: Settings): ReturnType<Diagnose> {
  const { diagnoseEventLog } = await import('../adapters/kafka/diagnose-kafka.ts');
  const { diagnoseMongo } = await import('../adapters/mongo/diagnose-mongo.ts');
  const { diagnoseRedis } = await import('../adapters/redis/diagnose-redis.ts');
  const stored = yield* diagnoseMongo({ url: settings.mongoUrl ?? '', clock: { now: () => Date.now() } });
  yield* diagnoseEventLog(
    { ...logKafka(settings), clientId: 'pursight-doctor', name: 'event log', setting: 'PURSIGHT_KAFKA_BROKERS' },
    {
      topicPrefix: settings.topicPrefix,
      epoch: stored?.epoch ?? '1',
      storedPartitions: stored?.partitions,
      configuredPartitions: settings.logPartitions,
      journalRetentionMs: settings.journalRetentionMs,
    },
  );
  yield* diagnoseRedis({ url: settings.redisUrl ?? '' });
  const { meiliUrl: url, meiliKey: key } = settings;
  if (url === undefined || key === undefined) {
    const found = 'in the memory of each node with the component search; PURSIGHT_MEILI_URL is not set';
    yield { name: 'search', state: 'ok', found };
    return;
  }
  const { diagnoseMeili } = await import('../adapters/meilisearch/diagnose-meili.ts');
  yield* diagnoseMeili({ url, key, deployment: settings.topicPrefix, clock: { now: () => Date.now() } });
}
