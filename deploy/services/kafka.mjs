import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canRun, freePort, run, startServer } from './process.mjs';
import { cacheDir } from './state.mjs';

const version = '4.3.1';
const runtimeDir = join(cacheDir, `kafka-${version}`);
const classPath = join(runtimeDir, 'libs', '*');
const configName = 'server.properties';
const completeMark = join(runtimeDir, 'complete');

/** One Kafka broker that is its own controller, run from the jars of Maven Central. */
export const kafka = {
  name: 'kafka',
  variable: 'PURSIGHT_TEST_KAFKA_BROKERS',
  port: 19092,
  readyTimeoutMs: 60_000,
  url: (port) => `127.0.0.1:${port}`,
  packages: { java: ['java', ['-version'], 'default-jre-headless'], mvn: ['mvn', ['-version'], 'maven'] },

  async obtain() {
    if (!(await canRun('java', ['-version']))) throw new Error('java (17 or newer) is not installed');
    if (existsSync(completeMark)) return;
    if (!(await canRun('mvn', ['-version']))) throw new Error('mvn is not installed; it fetches the Kafka jars');
    mkdirSync(runtimeDir, { recursive: true });
    writeFileSync(join(runtimeDir, 'pom.xml'), pom());
    await run('mvn', ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${join(runtimeDir, 'libs')}`], {
      cwd: runtimeDir,
    });
    writeFileSync(completeMark, `${version}\n`);
  },

  async start(port, dir) {
    await prepareBroker(port, dir);
    return runBroker(dir);
  },

  /** Ready when the broker names itself as part of the cluster. */
  async probe(url) {
    const { Kafka, logLevel } = (await import('kafkajs')).default;
    const client = new Kafka({
      brokers: url.split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: 2000,
      requestTimeout: 5000,
      retry: { retries: 0 },
    });
    const admin = client.admin();
    try {
      await admin.connect();
      const cluster = await admin.describeCluster();
      if (cluster.brokers.length === 0) throw new Error('no broker has registered yet');
    } finally {
      await admin.disconnect();
    }
  },
};

/** Makes an empty data folder and the configuration of a broker that is alone. Clients are told `advertisedPort`. */
export async function prepareBroker(port, dir, advertisedPort = port) {
  await prepareCluster([{ port, dir, advertisedPort }]);
}

/** The same for brokers that belong together. The first is also the controller, and so must outlive the others. */
export async function prepareCluster(brokers) {
  const controllerPort = await freePort(brokers[0].port + 1);
  const clusterId = randomBytes(16).toString('base64url');
  for (const [index, { port, dir, advertisedPort = port }] of brokers.entries()) {
    const config = join(dir, configName);
    const place = { id: index + 1, count: brokers.length, port, advertisedPort, controllerPort, dir };
    writeFileSync(config, properties(place));
    // one id in 64 begins with a dash: as a word of its own it would be taken for an option
    const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '-c', config];
    await run('java', ['-cp', classPath, ...format]);
  }
}

/** Runs the broker of a prepared folder; also again, with what it had stored. Returns its process id. */
export function runBroker(dir) {
  const options = ['-Xmx512m', '-XX:+UseSerialGC', '-cp', classPath, 'kafka.Kafka'];
  return startServer('java', [...options, join(dir, configName)], dir);
}

function pom() {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka-runtime</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`;
}

function properties({ id, count, port, advertisedPort, controllerPort, dir }) {
  const isController = id === 1;
  return `${[
    `process.roles=broker${isController ? ',controller' : ''}`,
    `node.id=${id}`,
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port}${isController ? `,CONTROLLER://127.0.0.1:${controllerPort}` : ''}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${advertisedPort}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `log.dirs=${join(dir, 'log')}`,
    'auto.create.topics.enable=false',
    'message.max.bytes=8388608',
    `offsets.topic.replication.factor=${count}`,
    'offsets.topic.num.partitions=4',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'default.replication.factor=1',
    'min.insync.replicas=1',
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=1000',
    'log.segment.delete.delay.ms=1000',
    'broker.session.timeout.ms=3000',
    'broker.heartbeat.interval.ms=500',
  ].join('\n')}\n`;
}
