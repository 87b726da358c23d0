import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Attack } from '../../bench/attacks/attack.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi } from '../harness/hub-api.ts';
import { asKafkaAdmin, createTopics } from '../harness/kafka-topics.ts';
import { openRawSession } from '../harness/raw-socket.ts';
import { describeWithServices } from '../setup/services.ts';
import { besiege, expectUnshaken, tell } from './siege.ts';
import { clusterEnvironment } from '../harness/cluster-environment.ts';
import { openWorld, type World } from './world.ts';

const { Kafka, logLevel } = kafkajs;
const event = (fields: object): string =>
  JSON.stringify({ specversion: '1.0', id: 'p', tenant: 'globex', subject: 'urn:gov:globex:p', ...fields });
/** Nothing of the hub, and what is nearly something of it. */
const poison: readonly (Buffer | string | null)[] = [
  null,
  '',
  'x',
  'null',
  '[]',
  '1e999',
  '{}',
  '{"a":'.repeat(20_000),
  Buffer.from([0x00, 0xff, 0xfe, 0x80, 0xc1]),
  Buffer.alloc(300_000, 0x7b),
  '{"__proto__":{"tenant":"globex"},"constructor":1}',
  '{"topic":"revocation","from":"x"}',
  '{"topic":"revocation","from":"x","message":{"subject":{}}}',
  '{"type":0}',
  '{"type":6,"uid":"x","requestId":"y","data":[null]}',
  '{"requestId":"x","type":1,"rooms":7}',
  event({}),
  event({ data: null }),
  event({ data: { version: 1, heads: {} } }),
  event({ data: { version: 1, heads: { before: null, after: null } } }),
  event({ data: { version: 'x', heads: { before: 7, after: { tags: 7, owners: null } } } }),
  event({ recordedtime: 'x', data: { version: 2, heads: { before: null, after: { urn: 'u', tags: [null] } } } }),
];

describeWithServices(['kafka', 'mongo', 'redis'], 'a hub of which everything that it reads holds nonsense', (urls) => {
  const prefix = `poison-${randomUUID().slice(0, 8)}`;
  const feed = `${prefix}-feed`;
  const redis = new Redis(urls.redis, { lazyConnect: true });
  const kafka = new Kafka({ brokers: urls.kafka.split(','), logLevel: logLevel.NOTHING });
  let world: World;

  beforeAll(async () => {
    await createTopics(urls.kafka, { [feed]: 1 });
    const connectors = [
      { id: 'feed', format: 'cloudevents', tenant: 'globex', namespace: 'urn:gov:feed', topic: feed },
      { id: 'native', format: 'atlas', tenant: 'globex', namespace: 'urn:gov:native', topic: feed },
    ];
    world = await openWorld({ environment: clusterEnvironment(urls, prefix), connectors });
    await redis.connect();
  });
  afterAll(async () => {
    await world?.dispose();
    redis.disconnect();
    await asKafkaAdmin(urls.kafka, (admin) => admin.deleteTopics({ topics: [feed] }));
  });

  const intoTopic =
    (topic: string): Attack =>
    async () => {
      const producer = kafka.producer();
      await producer.connect();
      for (const value of poison)
        for (const key of [null, 'globex|urn:gov:globex:p'])
          await producer.send({ topic, messages: [{ key, value, headers: { h: '' } }] });
      await producer.disconnect();
      return { sent: 2 * poison.length };
    };
  const intoChannels =
    (...channels: readonly string[]): Attack =>
    async () => {
      for (const channel of channels) for (const value of poison) await redis.publish(channel, value ?? '');
      return { sent: channels.length * poison.length };
    };
  const adapter = `${prefix}:socket.io`;
  const ways: Readonly<Record<string, Attack>> = {
    'the event log': intoTopic(`${prefix}.events.1`),
    'the control topic': intoTopic(`${prefix}.control`),
    'the topic of connectors': intoTopic(feed),
    'the control channel': intoChannels(`${prefix}:control`),
    'the channels of Socket.IO': intoChannels(
      `${adapter}#/#`,
      `${adapter}#/#room#`,
      `${adapter}-request#/#`,
      `${adapter}-response#/#`,
    ),
  };

  it.each(Object.keys(ways))('R1: %s', async (name) => {
    const siege = await besiege(world, async (target) => {
      const report = await (ways[name] as Attack)(target);
      // what it does to others shows afterwards
      await pause(2000);
      return report;
    });
    tell(`poison in ${name}`, siege);
    await expectUnshaken(world, siege, { errors: 'told' });
  });

  it('R1: what follows the nonsense in a topic is taken in', async () => {
    const producer = kafka.producer();
    await producer.connect();
    const data = { asset: { type: 'table', name: 'after' } };
    const good = {
      specversion: '1.0',
      id: 'after',
      source: '/feed',
      type: 'gov.asset.created',
      subject: 'after',
      data,
    };
    const headers = { 'content-type': 'application/cloudevents+json' };
    await producer.send({ topic: feed, messages: [{ value: JSON.stringify(good), headers }] });
    await producer.disconnect();
    await eventually(async () => {
      const path = `/v1/documents/${encodeURIComponent('urn:gov:feed:after')}`;
      expect((await callApi(world.hub.url, path, { token: world.victimToken })).status).toBe(200);
    });
  });

  it('P7: tokens are taken back although the control topic was deleted', async () => {
    const session = await openRawSession(world.hub.url, world.attackerTokens[9] ?? '');
    const own = await openRawSession(world.hub.url, world.victimToken);
    await asKafkaAdmin(urls.kafka, (admin) => admin.deleteTopics({ topics: [`${prefix}.control`] }));
    const body = JSON.stringify({ subject: 'ada' });
    const answer = await callApi(world.hub.url, '/v1/revocations', { token: world.victimAdmin, body });
    expect(answer).toMatchObject({ status: 201 });
    await own.closed;
    expect(session.isClosed).toBe(false);
    session.destroy();
  });
});
