import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { createTopics } from '../harness/kafka-topics.ts';
import { openRawSocket } from '../harness/raw-socket.ts';
import { record, type Recorder } from '../harness/recorder.ts';
import { runCli } from '../harness/run-cli.ts';
import { describeWithServices } from '../setup/services.ts';

const { Kafka, logLevel, CompressionTypes } = kafkajs;
const admin = tokenFor({ sub: 'root', roles: ['admin'] });
const policy = {
  version: 1,
  roles: {
    admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }, { allow: 'operate' }],
    steward: [{ allow: 'read' }],
  },
};

interface OwnRedis {
  readonly url: string;
  readonly process: ChildProcess;
}

/** A Redis that the test may stop. */
async function startRedis(): Promise<OwnRedis> {
  const port = await freePort();
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes('Ready to accept connections')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
    child.once('error', reject);
  });
  return { url: `redis://127.0.0.1:${port}`, process: child };
}

interface Health {
  readonly status: string;
  readonly components: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}

async function healthOf(hub: HubProcess): Promise<Health> {
  return (await callApi(hub.url, '/readyz')).body as Health;
}

/** `entity sequence` of every event of the load, in the order in which the client got them. */
function loadOf(recorder: Recorder): readonly (readonly [string, number])[] {
  return recorder.events.flatMap((event) => {
    if (event.kind === 'leave' || !event.subject.includes(':load-')) return [];
    const text = event.kind === 'enter' ? event.document['description'] : event.changes['/description']?.new;
    return [[event.subject.slice(event.subject.lastIndexOf(':') + 1), Number(text)] as const];
  });
}

function byEntity(load: readonly (readonly [string, number])[]): Readonly<Record<string, readonly number[]>> {
  const entities: Record<string, number[]> = {};
  for (const [entity, sequence] of load) (entities[entity] ??= []).push(sequence);
  return entities;
}

describeWithServices(
  ['kafka', 'mongo', 'redis'],
  'components in processes of their own',
  ({ kafka: brokers, mongo }) => {
    const suffix = randomUUID().slice(0, 8);
    const topic = `two-nodes-${suffix}`;
    const folder = scratchFolder();
    const hubs: HubProcess[] = [];
    const clients: Recorder[] = [];
    const producer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).producer();
    let redis: OwnRedis;
    let gateways: readonly [HubProcess, HubProcess];
    let api: HubProcess;
    let ingest: HubProcess;

    async function start(components: string, name: string): Promise<HubProcess> {
      const hub = await startHubProcess({
        dataDir: folder.path,
        file: {
          connectors: [
            {
              id: 'events',
              format: 'cloudevents',
              topic,
              tenant: 'acme',
              namespace: 'urn:gov:bank',
              kafka: { brokers: [brokers] },
            },
          ],
          policy,
        },
        args: ['--components', components],
        environment: {
          PURSIGHT_KAFKA_BROKERS: brokers,
          PURSIGHT_MONGO_URL: mongo.replace('/?', `/two-nodes-${suffix}?`),
          PURSIGHT_REDIS_URL: redis.url,
          PURSIGHT_TOPIC_PREFIX: `two-nodes-${suffix}`,
          PURSIGHT_LOG_PARTITIONS: '3',
          PURSIGHT_NODE: name,
        },
      });
      hubs.push(hub);
      return hub;
    }

    async function listen(hub: HubProcess, name: string): Promise<Recorder> {
      const client = await record({
        name,
        url: hub.url,
        token: tokenFor({ sub: name, roles: ['steward'] }),
        channel: 'assets',
      });
      clients.push(client);
      return client;
    }

    beforeAll(async () => {
      redis = await startRedis();
      await createTopics(brokers, { [topic]: 3 });
      await producer.connect();
      // one after the other: the first makes the topics of the deployment
      const first = await start('gateway', 'gateway-1');
      const [second, apiNode, ingestNode] = await Promise.all([
        start('gateway', 'gateway-2'),
        start('api', 'api-1'),
        start('ingest,worker', 'ingest-1'),
      ]);
      gateways = [first, second];
      api = apiNode;
      ingest = ingestNode;
    });

    afterAll(async () => {
      for (const client of clients) client.close();
      await producer.disconnect();
      await Promise.all(hubs.map((hub) => hub.stop()));
      redis?.process.kill('SIGCONT');
      redis?.process.kill('SIGKILL');
      folder.remove();
    });

    it('each says what it is, and serves only that', async () => {
      expect((await Promise.all([...gateways, api, ingest].map(healthOf))).map((health) => health.components)).toEqual([
        ['gateway'],
        ['gateway'],
        ['api'],
        ['ingest', 'worker'],
      ]);
      expect((await callApi(ingest.url, '/v1/documents', { token: admin })).status).toBe(404);
      await expect(
        openRawSocket(api.url).then((socket) => socket.until((message) => message.startsWith('0{'))),
      ).rejects.toThrow(/^HTTP\/1\.1 503.*"not-ready"/s);
    });

    it('an event reaches the clients of both gateways, each once', async () => {
      const [one, two] = [await listen(gateways[0], 'one'), await listen(gateways[1], 'two')];
      for (let index = 0; index < 20; index++) {
        const data = { asset: { type: 'table', name: `t-${index}` } };
        expect(
          await postCloudEvent(api.url, 'events', admin, {
            id: `both-${index}`,
            type: 'gov.asset.created',
            subject: `t-${index}`,
            data,
          }),
        ).toMatchObject({ status: 200 });
      }
      const subjects = Array.from({ length: 20 }, (_, index) => `urn:gov:bank:t-${index}`).toSorted();
      for (const client of [one, two])
        await eventually(() => expect(client.events.map((event) => event.subject).toSorted()).toEqual(subjects));
      expect(one.events.map((event) => event.id).toSorted()).toEqual(two.events.map((event) => event.id).toSorted());
    });

    it('operators see the sessions of both gateways and close one through another node', async () => {
      const list = async (): Promise<readonly { id: string; node: string; sub: string }[]> =>
        (
          (await callApi(api.url, '/v1/sessions', { token: admin })).body as {
            sessions: { id: string; node: string; sub: string }[];
          }
        ).sessions;
      await eventually(async () =>
        expect((await list()).map(({ node, sub }) => `${node} ${sub}`).toSorted()).toEqual([
          'gateway-1 one',
          'gateway-2 two',
        ]),
      );
      const victim = (await list()).find(({ sub }) => sub === 'two');
      const notices: string[] = [];
      clients.find(({ name }) => name === 'two')?.hub.on('notice', ({ code }) => notices.push(code));
      const stranger = tokenFor({ roles: ['admin'], tenant: 'other' });
      expect(
        (await callApi(api.url, `/v1/sessions/${victim?.id}/disconnect`, { method: 'POST', token: stranger })).status,
      ).toBe(404);
      expect(
        await callApi(api.url, `/v1/sessions/${victim?.id}/disconnect`, { method: 'POST', token: admin }),
      ).toMatchObject({ status: 200, body: { disconnected: true } });
      await eventually(() => expect(notices).toEqual(['disconnected']));
      await eventually(async () => {
        const after = (await list()).filter(({ sub }) => sub === 'two');
        expect(after.map(({ id }) => id)).not.toContain(victim?.id);
        expect(after).toHaveLength(1); // the library came back by itself
      });
      expect(
        (await callApi(api.url, `/v1/sessions/${victim?.id}/disconnect`, { method: 'POST', token: admin })).status,
      ).toBe(404);
    });

    it(
      'kill -9 of the ingest process: another takes over, nothing is missed, nothing twice, order kept',
      { timeout: 120_000 },
      async () => {
        const [one, two] = [await listen(gateways[0], 'kill-one'), await listen(gateways[1], 'kill-two')];
        const standby = await start('ingest,worker', 'ingest-2');
        const entities = 30;
        const rounds = 40;
        const sequence = Array.from({ length: rounds }, (_, index) => index + 1);
        const produce = async (round: number): Promise<void> => {
          const messages = Array.from({ length: entities }, (_, index) => ({
            key: `load-${index}`,
            headers: { 'content-type': 'application/cloudevents+json' },
            value: JSON.stringify({
              specversion: '1.0',
              id: `load-${index}-${round}`,
              source: '/load',
              type: 'gov.asset.updated',
              subject: `load-${index}`,
              data: { asset: { type: 'table', name: `load-${index}`, description: String(round) } },
            }),
          }));
          await producer.send({ topic, messages, compression: CompressionTypes.None });
        };
        for (const round of sequence.slice(0, rounds / 2)) await produce(round);
        // in the middle: some is taken in, some is not
        await eventually(() => expect(loadOf(one).length).toBeGreaterThan(0), { everyMs: 2 });
        await ingest.stop('SIGKILL');
        for (const round of sequence.slice(rounds / 2)) await produce(round);

        const expected = Object.fromEntries(
          Array.from({ length: entities }, (_, index) => [`load-${index}`, sequence]),
        );
        for (const client of [one, two]) {
          await eventually(() => expect(loadOf(client)).toHaveLength(entities * rounds), { timeoutMs: 60_000 });
          expect(byEntity(loadOf(client))).toEqual(expected);
          expect(new Set(client.events.map((event) => event.id)).size).toBe(client.events.length);
          expect(client.gaps).toEqual([]);
        }
        ingest = standby;
        const { body } = await callApi(api.url, '/v1/deadletters', { token: admin });
        expect(body).toEqual({ deadLetters: [] });
        for (const gateway of gateways)
          expect((await callApi(gateway.url, '/metrics')).text).toMatch(/^pursight_log_gaps_total 0$/m);
      },
    );

    it.each(['SIGSTOP', 'SIGKILL'] as const)(
      'Redis away (%s): delivery goes on, the nodes say degraded',
      { timeout: 90_000 },
      async (signal) => {
        const client = await listen(gateways[0], `redis-${signal}`);
        redis.process.kill(signal);
        await eventually(
          async () =>
            expect(await healthOf(gateways[0])).toMatchObject({
              status: 'degraded',
              dependencies: { controlBus: 'down', catalog: 'up', log: 'up' },
            }),
          { timeoutMs: 40_000 },
        );
        expect((await callApi(gateways[0].url, '/readyz')).status).toBe(200);
        const posted = await postCloudEvent(api.url, 'events', admin, {
          id: `away-${signal}`,
          type: 'gov.asset.created',
          subject: `away-${signal}`,
          data: { asset: { type: 'table', name: 'away' } },
        });
        expect(posted).toMatchObject({ status: 200 });
        await eventually(() =>
          expect(client.events.map((event) => event.subject)).toEqual([`urn:gov:bank:away-${signal}`]),
        );
        const late = await listen(gateways[1], `late-${signal}`);
        expect(late.hub.status).toBe('live');
        expect((await callApi(api.url, '/v1/sessions', { token: admin })).body).toMatchObject({ complete: false });
        if (signal === 'SIGKILL') return;
        redis.process.kill('SIGCONT');
        await eventually(
          async () =>
            expect(await Promise.all(gateways.map(async (gateway) => (await healthOf(gateway)).status))).toEqual([
              'ok',
              'ok',
            ]),
          { timeoutMs: 40_000 },
        );
        await eventually(
          async () => {
            const { body } = await callApi(api.url, '/v1/sessions', { token: admin });
            expect((body as { sessions: { sub: string }[] }).sessions.map(({ sub }) => sub)).toContain(
              `late-${signal}`,
            );
          },
          { timeoutMs: 20_000 },
        );
      },
    );
  },
);

describe('components that cannot be', () => {
  it.each([
    ['unknown', 'gateway,frontend', /frontend unknown/],
    ['empty', '', /unknown/],
    ['a part of an embedded hub', 'gateway', /embedded storage has one process/],
  ])('%s is refused', async (_name, components, message) => {
    const folder = scratchFolder();
    const { code, err } = await runCli(['serve', '--components', components], {
      environment: { PURSIGHT_DATA_DIR: folder.path, PURSIGHT_PORT: '0' },
    });
    folder.remove();
    expect(err).toMatch(message);
    expect(code).not.toBe(0);
  });
});
