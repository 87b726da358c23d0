/*
 * Saves what this release stores and logs, for the tests of the next one:
 *
 *   npm run services -- up && npm run build && node --import tsx test/formats/save-records.ts test/formats/v<number>
 *
 * Run it at the last commit that writes the old form.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BSON, MongoClient } from 'mongodb';
import { io } from 'socket.io-client';
import { eventually } from '../harness/eventually.ts';
import { scratchFolder, startHubProcess } from '../harness/hub-process.ts';
import { admin, answersOf, fillHub, savedFile } from './saved-world.ts';

const folder = process.argv[2] ?? '';
mkdirSync(folder, { recursive: true });

function save(name: string, value: unknown): void {
  writeFileSync(join(folder, name), `${JSON.stringify(value, undefined, 1)}\n`);
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; npm run services -- up says what it is`);
  return value;
}

/** Handle and cursor of a client that saw nothing of the world yet. */
async function resumable(url: string): Promise<object> {
  const socket = io(url, { transports: ['websocket'], auth: { token: admin, protocol: 1, client: 'saved' } });
  const answer = (await socket.timeout(5000).emitWithAck('subscribe', { id: 'a', channel: 'assets' })) as object;
  socket.disconnect();
  return answer;
}

async function saveEmbedded(): Promise<void> {
  const { path, remove } = scratchFolder();
  const hub = await startHubProcess({ dataDir: path, file: savedFile });
  const subscription = await resumable(hub.url);
  await fillHub(hub.url);
  save('embedded.json', { subscription, ...(await answersOf(hub.url)) });
  await hub.stop();
  writeFileSync(join(folder, 'data.mdb.gz'), gzipSync(readFileSync(join(path, 'data.mdb')), { level: 9 }));
  remove();
}

/** Of the log too: the journal has its texts as they stand there. */
async function saveCluster(): Promise<void> {
  const { path, remove } = scratchFolder();
  const name = `saved-${Date.now()}`;
  const mongoUrl = setting('PURSIGHT_TEST_MONGO_URL').replace('/?', `/${name}?`);
  const hub = await startHubProcess({
    dataDir: path,
    file: savedFile,
    environment: {
      PURSIGHT_KAFKA_BROKERS: setting('PURSIGHT_TEST_KAFKA_BROKERS'),
      PURSIGHT_REDIS_URL: setting('PURSIGHT_TEST_REDIS_URL'),
      PURSIGHT_MONGO_URL: mongoUrl,
      PURSIGHT_TOPIC_PREFIX: name,
      PURSIGHT_LOG_PARTITIONS: '1',
    },
  });
  await fillHub(hub.url);
  const client = await new MongoClient(mongoUrl).connect();
  const db = client.db();
  await eventually(async () => {
    const lagging = await db.collection('outbox').countDocuments();
    const covered = await db.collection('journalCoverage').countDocuments({ high: { $gt: 0 } });
    if (lagging > 0 || covered === 0) throw new Error('not all of it is in the journal yet');
  });
  const collections: Record<string, unknown> = {};
  for (const { name: collection } of await db.listCollections().toArray()) {
    const rows = await db.collection(collection).find().toArray();
    collections[collection] = BSON.EJSON.serialize(rows, { relaxed: false });
  }
  save('mongo.json', { ...(await answersOf(hub.url)), collections });
  await hub.stop();
  await db.dropDatabase();
  await client.close();
  remove();
}

await saveEmbedded();
await saveCluster();
