import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { atlasMessage } from '../harness/atlas-messages.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import {
  type HubProcess,
  type HubProcessOptions,
  scratchFolder,
  startHubProcess,
  tokenFor,
} from '../harness/hub-process.ts';
import { createTopics, kcat, type KcatOptions } from '../harness/kafka-topics.ts';
import { outline, record, type Recorder } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';

const policy = {
  version: 1,
  roles: {
    steward: [{ allow: 'read' }],
    retail: [{ allow: 'read', kinds: ['asset'], where: { domain: { $in: '${principal.domains}' } } }],
    viewer: [
      { allow: 'read', kinds: ['asset'] },
      { deny: 'read', where: { tags: { $startsWith: 'pii/' } } },
    ],
    bot: [{ allow: 'read', kinds: ['alert'] }],
    writer: [{ allow: 'ingest' }],
    admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }, { allow: 'operate' }],
  },
};

/** How a well-behaved producer sends a structured CloudEvent: keyed, so that one entity's events keep their order. */
function structured(key?: string): KcatOptions {
  return { headers: { 'content-type': 'application/cloudevents+json' }, ...(key === undefined ? {} : { key }) };
}

interface Deployment {
  readonly atlasTopic: string;
  readonly eventsTopic: string;
  start(): Promise<HubProcess>;
  dispose(): void;
}

function hubFile(brokers: string, atlasTopic: string, eventsTopic: string): object {
  const kafka = { brokers: [brokers] };
  return {
    connectors: [
      {
        id: 'atlas',
        format: 'atlas',
        topic: atlasTopic,
        tenant: 'acme',
        namespace: 'urn:gov:atlas:prod',
        scheme: 'pii',
        kafka,
      },
      { id: 'events', format: 'cloudevents', topic: eventsTopic, tenant: 'acme', namespace: 'urn:gov:bank', kafka },
    ],
    policy,
  };
}

/** The same deployment on either storage: what differs is the environment of the process, nothing in the tests. */
async function deploy(brokers: string, environment: Readonly<Record<string, string>>): Promise<Deployment> {
  const suffix = randomUUID().slice(0, 8);
  const atlasTopic = `ATLAS_ENTITIES_${suffix}`;
  const eventsTopic = `catalog-events-${suffix}`;
  await createTopics(brokers, { [atlasTopic]: 1, [eventsTopic]: 2 });
  const folder = scratchFolder();
  // the same address after a restart, so that clients find the hub again
  const port = String(await freePort());
  const options: HubProcessOptions = {
    dataDir: folder.path,
    file: hubFile(brokers, atlasTopic, eventsTopic),
    environment: { ...environment, PURSIGHT_PORT: port, PURSIGHT_TOPIC_PREFIX: `e2e-${suffix}` },
  };
  return { atlasTopic, eventsTopic, start: () => startHubProcess(options), dispose: () => folder.remove() };
}

function mainPath(brokers: string, environment: () => Readonly<Record<string, string>>): void {
  let deployment: Deployment;
  let hub: HubProcess;
  const open: Recorder[] = [];
  const admin = tokenFor({ roles: ['admin'] });

  const listen = async (
    name: string,
    roles: readonly string[],
    channel: string,
    extra: { filter?: Record<string, string>; tenant?: string; claims?: Record<string, unknown> } = {},
  ): Promise<Recorder> => {
    const { filter, tenant = 'acme', claims = {} } = extra;
    const recorder = await record({
      name,
      url: hub.url,
      token: tokenFor({ sub: name, roles, tenant, claims }),
      channel,
      ...(filter === undefined ? {} : { filter }),
    });
    open.push(recorder);
    return recorder;
  };

  beforeAll(async () => {
    deployment = await deploy(brokers, environment());
    hub = await deployment.start();
  });

  afterAll(async () => {
    for (const recorder of open) recorder.close();
    await hub?.stop();
    deployment?.dispose();
  });

  it('D8 P1 P2 P3 P6: an Atlas message and a CloudEvent reach exactly the clients whose channel, filter and role match', async () => {
    const steward = await listen('steward', ['steward'], 'assets');
    const tagged = await listen('tag-watcher', ['steward'], 'classification:pii/*');
    const viewer = await listen('viewer', ['viewer'], 'assets');
    const retail = await listen('retail', ['retail'], 'assets', { claims: { domains: ['retail', 'cards'] } });
    const filtered = await listen('filtered', ['steward'], 'assets', { filter: { type: 'dashboard' } });
    const bot = await listen('bot', ['bot'], 'alerts');
    const stranger = await listen('stranger', ['steward'], 'assets', { tenant: 'other' });
    const nobody = await listen('nobody', [], 'assets');

    await kcat(
      brokers,
      deployment.atlasTopic,
      atlasMessage('ENTITY_CREATE', { guid: 'g-1', name: 'customers' }, 1_700_000_000_000),
    );
    await eventually(() => expect(outline(steward.events)).toEqual(['enter g-1']));
    await kcat(
      brokers,
      deployment.atlasTopic,
      atlasMessage('CLASSIFICATION_ADD', { guid: 'g-1', name: 'customers', tags: ['EMAIL'] }, 1_700_000_001_000),
    );
    await eventually(() => expect(outline(steward.events)).toEqual(['enter g-1', 'update g-1']));
    const posted = await postCloudEvent(hub.url, 'events', tokenFor({ roles: ['writer'] }), {
      id: 'd-1',
      type: 'gov.asset.created',
      subject: 'revenue',
      data: { asset: { type: 'dashboard', name: 'Revenue', domain: 'retail' } },
    });
    expect(posted).toMatchObject({ status: 200, body: { accepted: 1 } });
    await kcat(
      brokers,
      deployment.eventsTopic,
      JSON.stringify({
        specversion: '1.0',
        source: '/quality',
        id: 'i-1',
        type: 'gov.incident.changed.v1',
        subject: 'late-load',
        data: { subject: 'urn:gov:bank:revenue', status: 'open', severity: 17, message: 'The nightly load is late' },
      }),
      structured(),
    );
    await eventually(() => expect(outline(bot.events)).toEqual(['enter late-load']));

    await eventually(() => expect(outline(steward.events)).toEqual(['enter g-1', 'update g-1', 'enter revenue']));
    expect(outline(tagged.events)).toEqual(['enter g-1']);
    expect(outline(viewer.events)).toEqual(['enter g-1', 'leave g-1', 'enter revenue']);
    expect(outline(retail.events)).toEqual(['enter revenue']);
    expect(outline(filtered.events)).toEqual(['enter revenue']);
    expect(stranger.events).toEqual([]);
    expect(nobody.events).toEqual([]);

    const leave = viewer.events[1];
    expect(leave).toEqual({
      id: leave?.id,
      subject: 'urn:gov:atlas:prod:g-1',
      recordedtime: leave?.recordedtime,
      kind: 'leave',
      reason: 'left',
    });
    for (const recorder of open)
      expect(JSON.stringify(recorder.events)).not.toMatch(/"(version|sequence|offset|partition|tenant|connector)":/);
  });

  it('P4: the documents are right afterwards, and each reader sees those that policy allows', async () => {
    const urns = async (token: string): Promise<readonly string[]> => {
      const { body } = await callApi(hub.url, '/v1/documents?limit=100', { token });
      return (body as { documents: { urn: string }[] }).documents.map((document) => document.urn);
    };
    expect(await urns(tokenFor({ roles: ['steward'] }))).toEqual(['urn:gov:atlas:prod:g-1', 'urn:gov:bank:revenue']);
    expect(await urns(tokenFor({ roles: ['viewer'] }))).toEqual(['urn:gov:bank:revenue']);
    expect(await urns(tokenFor({ roles: ['steward'], tenant: 'other' }))).toEqual([]);
    const { body } = await callApi(hub.url, `/v1/documents/${encodeURIComponent('urn:gov:atlas:prod:g-1')}`, {
      token: admin,
    });
    expect(body).toMatchObject({
      name: 'customers',
      type: 'table',
      platform: 'hive',
      classifications: [{ scheme: 'pii', name: 'EMAIL' }],
    });
  });

  it('I3: a message that cannot be taken in is kept as a dead letter with its place, and what follows goes on', async () => {
    await kcat(
      brokers,
      deployment.atlasTopic,
      '{"version":{"version":"1.0.0"},"message":{"type":"ENTITY_NOTIFICATION_V2","operationType":"ENTITY_CREATE","eventTime":1,"entity":{"guid":7}}}',
    );
    await kcat(
      brokers,
      deployment.atlasTopic,
      atlasMessage('ENTITY_CREATE', { guid: 'g-2', name: 'orders' }, 1_700_000_002_000),
    );
    await eventually(async () => {
      expect(
        (await callApi(hub.url, `/v1/documents/${encodeURIComponent('urn:gov:atlas:prod:g-2')}`, { token: admin }))
          .status,
      ).toBe(200);
    });
    const { body } = await callApi(hub.url, '/v1/deadletters', { token: admin });
    expect(body).toMatchObject({
      deadLetters: [
        {
          connector: 'atlas',
          code: 'invalid-message',
          origin: { transport: 'kafka', topic: deployment.atlasTopic, partition: 0, offset: 2 },
        },
      ],
    });
  });

  it(
    'D2 D3 I1: kill -9 in the middle: everything is applied once, and a client gets all of it once and is told no gap',
    { timeout: 120_000 },
    async () => {
      const watcher = await listen('watcher', ['steward'], 'assets', { filter: { type: 'topic' } });
      const writer = tokenFor({ roles: ['writer'] });
      const count = 120;
      const produce = async (index: number): Promise<void> => {
        // A -> B -> A: the last change is a true one although its content was there before
        const data = {
          asset: { type: 'topic', name: `t-${index % 40}`, description: Math.floor(index / 40) % 2 === 0 ? 'A' : 'B' },
        };
        const event = {
          specversion: '1.0',
          source: '/load',
          id: `load-${index}`,
          type: 'gov.asset.updated',
          subject: `topic-${index % 40}`,
          data,
        };
        await kcat(brokers, deployment.eventsTopic, JSON.stringify(event), structured(event.subject));
      };
      for (let index = 0; index < count / 2; index++) await produce(index);
      await hub.stop('SIGKILL');
      for (let index = count / 2; index < count; index++) await produce(index);
      hub = await deployment.start();

      await eventually(
        async () => {
          const { body } = await callApi(
            hub.url,
            `/v1/documents?limit=1000&filter=${encodeURIComponent('{"type":"topic"}')}`,
            { token: writer },
          );
          expect((body as { documents: unknown[] }).documents).toEqual([]); // a writer may write and not read
          const read = await callApi(
            hub.url,
            `/v1/documents?limit=1000&filter=${encodeURIComponent('{"type":"topic"}')}`,
            { token: admin },
          );
          const documents = (read.body as { documents: { description: string }[] }).documents;
          expect(documents).toHaveLength(40);
          expect(documents.filter((document) => document.description === 'A')).toHaveLength(40);
        },
        { timeoutMs: 45_000 },
      );
      await eventually(() => expect(watcher.events).toHaveLength(count), { timeoutMs: 45_000 });
      expect(watcher.gaps).toEqual([]);
      const again = await listen('watcher-again', ['steward'], 'assets', { filter: { type: 'topic' } });
      await postCloudEvent(hub.url, 'events', writer, {
        id: 'after',
        type: 'gov.documentation.changed',
        subject: 'topic-0',
        data: { description: 'after the crash' },
      });
      for (const recorder of [watcher, again])
        await eventually(() => expect(JSON.stringify(recorder.events)).toContain('after the crash'));
      for (const recorder of [watcher, again]) {
        const ids = recorder.events.map((event) => event.id);
        expect(new Set(ids).size).toBe(ids.length);
      }
      const { text } = await callApi(hub.url, '/metrics');
      expect(text).toMatch(/^pursight_log_gaps_total 0$/m);
    },
  );
}

describeWithServices(['kafka'], 'main path on embedded storage', ({ kafka }) => {
  mainPath(kafka, () => ({}));
});

describeWithServices(
  ['kafka', 'mongo', 'redis'],
  'main path on Kafka, MongoDB and Redis',
  ({ kafka, mongo, redis }) => {
    const database = `e2e-${randomUUID().slice(0, 8)}`;
    describe('one node', () => {
      mainPath(kafka, () => ({
        PURSIGHT_KAFKA_BROKERS: kafka,
        PURSIGHT_MONGO_URL: mongo.replace('/?', `/${database}?`),
        PURSIGHT_REDIS_URL: redis,
      }));
    });
  },
);
