import { spawn } from 'node:child_process';
import { once } from 'node:events';
import kafkajs from 'kafkajs';

const { Kafka, logLevel } = kafkajs;

function adminOf(brokers: string): ReturnType<InstanceType<typeof Kafka>['admin']> {
  return new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin();
}

/** Makes topics as an outside system would have them. */
export async function createTopics(
  brokers: string,
  topics: Readonly<Record<string, number>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const admin = adminOf(brokers);
  await admin.connect();
  try {
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await admin.createTopics({
      waitForLeaders: true,
      topics: Object.entries(topics).map(([topic, numPartitions]) => ({
        topic,
        numPartitions,
        replicationFactor: 1,
        configEntries,
      })),
    });
  } finally {
    await admin.disconnect();
  }
}

export interface KcatOptions {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Produces one message with kcat: no key, no header unless given, exactly these bytes. */
export async function kcat(
  brokers: string,
  topic: string,
  value: string,
  { key, headers = {} }: KcatOptions = {},
): Promise<void> {
  const flags = [
    ...Object.entries(headers).flatMap(([name, text]) => ['-H', `${name}=${text}`]),
    ...(key === undefined ? [] : ['-k', key]),
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
