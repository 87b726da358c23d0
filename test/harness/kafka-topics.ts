import { spawn } from 'node:child_process';
import { once } from 'node:events';
import kafkajs, { type Admin } from 'kafkajs';
import { eventually } from './eventually.ts';

const { ConfigResourceTypes, Kafka, logLevel } = kafkajs;

/** What only an administrator of the brokers does. */
export async function asKafkaAdmin<T>(brokers: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Settings of a topic; others that it had are back at their defaults. Resolves when the broker knows them. */
export async function configureTopic(
  brokers: string,
  topic: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
  await asKafkaAdmin(brokers, async (admin) => {
    await admin.alterConfigs({ validateOnly: false, resources });
    await eventually(async () => {
      const asked = [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: Object.keys(settings) }];
      const found = await admin.describeConfigs({ includeSynonyms: false, resources: asked });
      const entries = found.resources[0]?.configEntries ?? [];
      const known = entries.map(({ configName, configValue }) => [configName, configValue]);
      if (known.some(([name = '', value]) => settings[name] !== value)) throw new Error(`${topic}: ${String(known)}`);
    });
  });
}

/** Makes topics as an outside system would have them. */
export async function createTopics(
  brokers: string,
  topics: Readonly<Record<string, number>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  const wanted = Object.entries(topics).map(([topic, numPartitions]) => ({
    topic,
    numPartitions,
    replicationFactor: 1,
    configEntries,
  }));
  await asKafkaAdmin(brokers, (admin) => admin.createTopics({ waitForLeaders: true, topics: wanted }));
}

export interface KcatOptions {
  readonly key?: string;
  /** null: a header without a value. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Compression of the batch. */
  readonly codec?: string;
}

/** Produces one message with kcat: no key, no header unless given, exactly these bytes. */
export async function kcat(
  brokers: string,
  topic: string,
  value: string,
  { key, headers = {}, codec }: KcatOptions = {},
): Promise<void> {
  const flags = [
    ...Object.entries(headers).flatMap(([name, text]) => ['-H', text === null ? name : `${name}=${text}`]),
    ...(key === undefined ? [] : ['-k', key]),
    ...(codec === undefined ? [] : ['-z', codec]),
  ];
  // a delimiter that no JSON text contains keeps messages of many lines whole
  const child = spawn('kcat', ['-P', '-b', brokers, '-t', topic, '-D', '\u0001', ...flags], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let problem = '';
  child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
  child.stdin.end(value);
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`kcat ended with ${code}: ${problem}`);
}
