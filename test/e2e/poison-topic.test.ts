import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { atlasMessage } from '../harness/atlas-messages.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { asKafkaAdmin, configureTopic, createTopics, kcat } from '../harness/kafka-topics.ts';
import { runCli } from '../harness/run-cli.ts';
import { describeWithServices } from '../setup/services.ts';

const structured = 'application/cloudevents+json';
const mebibyte = 1024 * 1024;

describeWithServices(['kafka', 'mongo', 'redis'], 'a hub whose topics hold what it cannot take', (urls) => {
  const serial = randomUUID().slice(0, 8);
  const [feed, atlas] = [`feed-${serial}`, `atlas-${serial}`];
  let cluster: HubCluster;
  let hub: HubProcess;

  beforeAll(async () => {
    await createTopics(urls.kafka, { [feed]: 1, [atlas]: 1 });
    cluster = createHubCluster({
      ...urls,
      name: 'poison',
      connectors: [
        { id: 'feed', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:feed', topic: feed },
        { id: 'atlas', format: 'atlas', tenant: 'acme', namespace: 'urn:gov:atlas', topic: atlas },
      ],
    });
    hub = await cluster.start('one', { PURSIGHT_STALLED_AFTER_MS: '3000' });
  });
  afterAll(async () => {
    await cluster.dispose();
    await asKafkaAdmin(urls.kafka, (admin) => admin.deleteTopics({ topics: [feed, atlas] }));
  });

  const get = async (path: string): Promise<Record<string, unknown>> =>
    (await callApi(hub.url, path, { token: cluster.admin })).body as Record<string, unknown>;
  const hasDocument = (urn: string): Promise<void> =>
    eventually(
      async () => {
        const { status } = await callApi(hub.url, `/v1/documents/${encodeURIComponent(urn)}`, { token: cluster.admin });
        expect(status).toBe(200);
      },
      { timeoutMs: 30_000 },
    );
  const lettersOf = async (connector: string): Promise<readonly Record<string, unknown>[]> =>
    (await get(`/v1/deadletters?connector=${connector}`))['deadLetters'] as readonly Record<string, unknown>[];
  const cloudEvent = (id: string): string =>
    JSON.stringify({
      specversion: '1.0',
      id,
      source: '/feed',
      type: 'gov.asset.created',
      subject: id,
      data: { asset: { type: 'table', name: id } },
    });
  const send = (id: string, options: object = {}): Promise<void> =>
    kcat(urls.kafka, feed, cloudEvent(id), { headers: { 'content-type': structured }, ...options });

  it('I3: takes in headers without a value and batches of every compression, and what stands around them', async () => {
    await send('plain-1');
    await send('header', { headers: { 'content-type': structured, trace: null } });
    for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) await send(codec, { codec });
    await kcat(urls.kafka, feed, 'no event at all');
    await send('plain-2');
    for (const id of ['plain-1', 'header', 'gzip', 'snappy', 'lz4', 'zstd', 'plain-2'])
      await hasDocument(`urn:gov:feed:${id}`);
    expect(await lettersOf('feed')).toHaveLength(1);
  });

  it('I3: a split message that inflates to 15 MiB and cannot be read is set aside; those around it are taken in', async () => {
    const packed = gzipSync(Buffer.from(`"${'x'.repeat(15 * mebibyte)}`)).toString('base64');
    const middle = packed.length / 2;
    const part = (index: number, message: string): string =>
      JSON.stringify({
        version: { version: '1.0.0', versionParts: [1] },
        msgCompressionKind: 'GZIP',
        msgId: 'large',
        msgSplitIdx: index,
        msgSplitCount: 2,
        message,
      });
    await kcat(
      urls.kafka,
      atlas,
      atlasMessage('ENTITY_CREATE', { guid: 'g-before', name: 'before' }, 1_700_000_000_000),
    );
    await kcat(urls.kafka, atlas, part(0, packed.slice(0, middle)));
    await kcat(urls.kafka, atlas, part(1, packed.slice(middle)));
    await kcat(
      urls.kafka,
      atlas,
      atlasMessage('ENTITY_CREATE', { guid: 'g-behind', name: 'behind' }, 1_700_000_000_000),
    );
    await eventually(
      async () => {
        const { documents } = (await get('/v1/documents?limit=100')) as { documents: readonly { name?: unknown }[] };
        const names = documents.map(({ name }) => name);
        expect(names).toContain('before');
        expect(names).toContain('behind');
      },
      { timeoutMs: 60_000 },
    );
    const [letter, ...others] = await lettersOf('atlas');
    expect(others).toEqual([]);
    const id = String(letter?.['id']);
    expect((await runAsAdmin('deadletters', 'discard', id)).out).toContain('1 discarded, 0 left');
    expect(await lettersOf('atlas')).toEqual([]);
  }, 120_000);

  it('delivers events from a log that the broker compresses anew, and doctor finds nothing wrong with it', async () => {
    const client = await cluster.listen(hub, 'reader');
    const before = client.events.length;
    await configureTopic(urls.kafka, `${cluster.prefix}.events.1`, { 'compression.type': 'lz4' });
    const data = { asset: { type: 'table', name: 'compressed' } };
    const event = { id: 'c1', type: 'gov.asset.created', subject: 'compressed', data };
    expect((await postCloudEvent(hub.url, 'events', cluster.admin, event)).status).toBe(200);
    await eventually(() => expect(client.events.length).toBeGreaterThan(before));
    expect(client.gaps).toEqual([]);
  });

  it('I2: a topic that was created again makes the node not ready, until an operator decides', async () => {
    await asKafkaAdmin(urls.kafka, (admin) => admin.deleteTopics({ topics: [feed] }));
    await eventually(() => createTopics(urls.kafka, { [feed]: 1 }));
    for (let index = 0; index < 12; index++) await send(`again-${index}`);
    await eventually(
      async () => {
        const { status, body } = await callApi(hub.url, '/readyz');
        expect({ status, body }).toMatchObject({ status: 503, body: { stalled: ['connector feed'] } });
      },
      { timeoutMs: 60_000 },
    );
    const { text } = await callApi(hub.url, '/metrics');
    expect(text).toMatch(/^pursight_connector_refused\{connector="feed",partition="0"\} 1$/m);
    const listed = await runAsAdmin('connectors', 'list', '--json');
    expect(listed.out).toContain('was deleted and recreated');
    expect(await runAsAdmin('connectors', 'reset', 'feed', '--to', 'beginning')).toMatchObject({ code: 0 });
    for (let index = 0; index < 12; index++) await hasDocument(`urn:gov:feed:again-${index}`);
    await eventually(async () => expect((await callApi(hub.url, '/readyz')).status).toBe(200));
  }, 120_000);

  function runAsAdmin(...args: readonly string[]): ReturnType<typeof runCli> {
    return runCli([...args, '--url', hub.url, '--token', cluster.admin]);
  }
});
