import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { describeWithServices } from '../setup/services.ts';
import { createMongoEventJournal } from '../../adapters/mongo/mongo-event-journal.ts';
import { journalLease } from '../../channels/ports/event-journal.ts';
import { eventually } from '../harness/eventually.ts';
import { scratchFolder, startHubProcess } from '../harness/hub-process.ts';
import { createTopics } from '../harness/kafka-topics.ts';
import { type CliResult, runCli } from '../harness/run-cli.ts';

const folder = scratchFolder();
const nowhere = { PURSIGHT_URL: 'http://127.0.0.1:9' };

afterAll(() => folder.remove());

/** For a process that is to believe that it is earlier than it is. */
function minutesBehind(minutes: number): Readonly<Record<string, string>> {
  const shift = `const { now } = Date; Date.now = () => now() - ${minutes * 60_000};`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}` };
}

function doctor(environment: Readonly<Record<string, string>>, ...flags: readonly string[]): Promise<CliResult> {
  return runCli(['doctor', ...flags], { environment: { ...nowhere, ...environment } });
}

describe('pursight doctor, embedded', () => {
  it('finds nothing wrong with a fresh folder, and does not make it', async () => {
    const dataDir = join(folder.path, 'fresh');
    const { code, out } = await doctor({ PURSIGHT_DATA_DIR: dataDir });
    expect(out).toMatch(/^ok {3}data folder: .* the first start creates it$/m);
    expect(out).not.toMatch(/^FAIL/m);
    expect(code).toBe(0);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('knows a running hub from one that was killed, and changes nothing', async () => {
    const dataDir = join(folder.path, 'held');
    mkdirSync(dataDir);
    const hub = await startHubProcess({ dataDir });
    const running = await doctor({ PURSIGHT_DATA_DIR: dataDir, PURSIGHT_URL: hub.url });
    expect(running.out).toContain(`ok   data folder lock: held by the running process ${hub.pid}\n`);
    expect(running.out).toContain(`ok   running hub: ${hub.url} is ok\n`);
    expect(running.out).toMatch(/^ok {3}hub clock: /m);
    await hub.stop('SIGKILL');
    const before = readdirSync(dataDir);
    const killed = await doctor({ PURSIGHT_DATA_DIR: dataDir }, '--json');
    const checks = killed.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; state: string; found: string });
    expect(checks.find(({ name }) => name === 'data folder lock')).toMatchObject({
      state: 'warn',
      found: expect.stringContaining(String(hub.pid)),
    });
    expect(killed.code).toBe(0);
    expect(readdirSync(dataDir)).toEqual(before);
  });

  it('warns when the clock of the hub is not that of this machine', async () => {
    const hub = await startHubProcess();
    const own = { PURSIGHT_DATA_DIR: join(folder.path, 'clock'), PURSIGHT_URL: hub.url };
    expect((await doctor({ ...own, ...minutesBehind(10) })).out).toMatch(
      /^warn hub clock: the hub is (59\d|60\d)\d{3} ms ahead of this machine; fix: run NTP on both/m,
    );
    expect((await doctor({ ...own, ...minutesBehind(-10) })).out).toMatch(
      /^warn hub clock: .* behind this machine; fix:/m,
    );
    await hub.stop();
  });

  it('fails for a data folder that is a file', async () => {
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    expect(await doctor({ PURSIGHT_DATA_DIR: file })).toMatchObject({
      code: 5,
      out: expect.stringMatching(/^FAIL data folder: .*; fix: correct PURSIGHT_DATA_DIR/m),
    });
  });

  it('lists wrong settings, a wrong file, and bad secrets in production', async () => {
    expect(await doctor({ PURSIGHT_PORT: 'x', PURSIGHT_NONSENSE: '1' })).toMatchObject({
      code: 5,
      out: expect.stringMatching(/FAIL settings: PURSIGHT_NONSENSE[\s\S]*FAIL settings: PURSIGHT_PORT/),
    });
    const file = join(folder.path, 'wrong.yaml');
    writeFileSync(file, 'connectors: [{ id: A }]\n');
    expect((await doctor({ PURSIGHT_DATA_DIR: folder.path }, '--config', file)).out).toMatch(
      /^FAIL file: .*connectors\.0\.id.*; fix: correct the file/m,
    );
    const { code, out } = await doctor({
      PURSIGHT_ENV: 'production',
      PURSIGHT_DATA_DIR: folder.path,
      PURSIGHT_SECRET: 'abc',
      PURSIGHT_JWT_SECRET: 'abc',
    });
    expect(out).toMatch(/^FAIL secrets: PURSIGHT_SECRET: too weak/m);
    expect(out).toMatch(/^FAIL secrets: PURSIGHT_JWT_SECRET: too weak/m);
    expect(code).toBe(5);
  });
});

describeWithServices(['kafka', 'mongo', 'redis'], 'pursight doctor, cluster', ({ kafka, mongo, redis }) => {
  const prefix = `doctor-${randomUUID().slice(0, 8)}`;
  const topics = { PURSIGHT_TOPIC_PREFIX: prefix, PURSIGHT_DATA_DIR: folder.path };
  const settings = {
    ...topics,
    PURSIGHT_KAFKA_BROKERS: kafka,
    PURSIGHT_MONGO_URL: mongo.replace('/?', `/${prefix}?`),
    PURSIGHT_REDIS_URL: redis,
  };

  function config(topic: string, brokers?: string): string {
    const file = join(folder.path, `${randomUUID()}.yaml`);
    const connector = {
      id: 'lake',
      format: 'cloudevents',
      topic,
      tenant: 'acme',
      namespace: 'urn:gov:acme',
      ...(brokers === undefined ? {} : { kafka: { brokers: [brokers] } }),
    };
    writeFileSync(file, JSON.stringify({ connectors: [connector], policy: { version: 1, roles: {} } }));
    return file;
  }

  it('finds a new deployment ready to start', async () => {
    await createTopics(kafka, { [`${prefix}.lake`]: 2 });
    const { code, out } = await doctor(settings, '--config', config(`${prefix}.lake`));
    for (const name of [
      'mongodb',
      'mongodb version',
      'mongodb topology',
      'mongodb clock',
      'mongodb write',
      'journal',
      'kafka event log',
      'event log topic',
      'redis',
      'connector lake topic',
    ]) {
      expect(out).toMatch(new RegExp(`^ok {3}${name}: `, 'm'));
    }
    expect(code).toBe(0);
  });

  it('warns when the clock of MongoDB is not that of this machine', async () => {
    expect((await doctor({ ...settings, ...minutesBehind(10) })).out).toMatch(
      /^warn mongodb clock: MongoDB is (59\d|60\d)\d{3} ms ahead of this machine; fix: run NTP on both/m,
    );
  });

  it('warns when nobody writes the journal', async () => {
    const url = mongo.replace('/?', `/${prefix}-journal?`);
    const journal = await createMongoEventJournal({ url, appName: 'doctor-test' });
    const line = async (): Promise<string | undefined> =>
      /^.* journal: .*$/m.exec((await doctor({ ...settings, PURSIGHT_MONGO_URL: url })).out)?.[0];
    try {
      await journal.write([{ epoch: '1', partition: 0, from: 0, to: 0, records: [] }]);
      expect(await line()).toMatch(/^warn journal: no node writes it.*fix: start a node with the component worker$/);
      await journal.lease(journalLease).take('node-7', 60_000);
      expect(await line()).toBe('ok   journal: written by node-7');
    } finally {
      await journal.close();
    }
  });

  it('fails for a connector topic that does not exist, and does not make it', async () => {
    const file = config(`${prefix}.missing`);
    for (let round = 0; round < 2; round++) {
      expect(await doctor(settings, '--config', file)).toMatchObject({
        code: 5,
        out: expect.stringMatching(/^FAIL connector lake topic: \S+\.missing does not exist/m),
      });
    }
  });

  it('fails for servers that are not there, each by its setting', async () => {
    const gone = {
      ...topics,
      PURSIGHT_KAFKA_BROKERS: '127.0.0.1:9',
      PURSIGHT_MONGO_URL: 'mongodb://127.0.0.1:9/x',
      PURSIGHT_REDIS_URL: 'redis://127.0.0.1:9',
    };
    const { code, out } = await doctor(gone, '--config', config('x', '127.0.0.1:9'));
    expect(out).toMatch(/^FAIL mongodb: .*fix: correct PURSIGHT_MONGO_URL/m);
    expect(out).toMatch(/^FAIL kafka event log: .*127\.0\.0\.1:9.*fix: correct PURSIGHT_KAFKA_BROKERS/m);
    expect(out).toMatch(/^FAIL redis: .*fix: correct PURSIGHT_REDIS_URL/m);
    expect(out).toMatch(/^FAIL kafka connector lake: .*fix: correct kafka of connector lake in PURSIGHT_CONFIG/m);
    expect(code).toBe(5);
  });

  it('fails when the log topic has another number of partitions than configured', async () => {
    const other = `${prefix}-p`;
    await createTopics(kafka, { [`${other}.events.1`]: 3 });
    const { code, out } = await doctor({
      ...settings,
      PURSIGHT_TOPIC_PREFIX: other,
      PURSIGHT_MONGO_URL: mongo.replace('/?', `/${other}?`),
    });
    expect(out).toMatch(
      /^FAIL event log topic: \S+\.events\.1 has 3 partitions, but PURSIGHT_LOG_PARTITIONS is 8; fix: /m,
    );
    expect(out).toMatch(/^warn event log durability: 1 replica, min\.insync\.replicas 1/m);
    expect(code).toBe(5);
  });

  it('fails when a lagging replica of the log may become leader', async () => {
    const other = `${prefix}-u`;
    await createTopics(kafka, { [`${other}.events.1`]: 8 }, { 'unclean.leader.election.enable': 'true' });
    const { code, out } = await doctor({
      ...settings,
      PURSIGHT_TOPIC_PREFIX: other,
      PURSIGHT_MONGO_URL: mongo.replace('/?', `/${other}?`),
    });
    expect(out).toMatch(/^FAIL event log durability: .*unclean\.leader\.election\.enable true; fix: /m);
    expect(code).toBe(5);
  });

  const mongod = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'pursight/mongod-6.0.5/mongod');
  it.skipIf(!existsSync(mongod))('fails for a MongoDB without a replica set', async () => {
    const port = await freePort();
    const data = join(folder.path, 'mongo');
    mkdirSync(data);
    const server: ChildProcess = spawn(mongod, ['--dbpath', data, '--port', String(port), '--bind_ip', '127.0.0.1'], {
      stdio: 'ignore',
    });
    try {
      await eventually(async () => {
        const { code, out } = await doctor({ ...settings, PURSIGHT_MONGO_URL: `mongodb://127.0.0.1:${port}/x` });
        expect(out).toMatch(/^FAIL mongodb: .*standalone/m);
        expect(code).toBe(5);
      });
    } finally {
      server.kill();
      await new Promise((resolve) => server.once('exit', resolve));
    }
  });
});
