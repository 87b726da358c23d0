import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../channels/event/json.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { createTopics, kcat } from '../harness/kafka-topics.ts';
import { record } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';

const namespace = 'urn:gov:atlas:bank';
const viewer = tokenFor({ sub: 'vera', roles: ['viewer'] });
const admin = tokenFor({ roles: ['admin'] });
const policy = {
  version: 1,
  roles: {
    admin: [{ allow: 'read' }, { allow: 'ingest' }, { allow: 'administer' }],
    viewer: [{ allow: 'read' }, { deny: 'read', where: { tags: { $startsWith: 'atlas/' } } }],
  },
};

/** A notification about a request that began and was sent at these seconds from now. */
function notified(
  operationType: string,
  guid: string,
  {
    began = 0,
    sent = began,
    entity = {},
    beside = {},
  }: Readonly<{ began?: number; sent?: number; entity?: JsonObject; beside?: JsonObject }>,
): string {
  const nowMs = Date.now();
  return JSON.stringify({
    version: { version: '1.0.0', versionParts: [1] },
    msgCreationTime: nowMs + sent * 1000,
    message: {
      type: 'ENTITY_NOTIFICATION_V2',
      operationType,
      eventTime: nowMs + began * 1000,
      entity: { typeName: 'hive_table', guid, attributes: { qualifiedName: guid, name: 'accounts' }, ...entity },
      ...beside,
    },
  });
}

const pii = (guid: string): JsonObject => ({ classifications: [{ typeName: 'PII', entityGuid: guid }] });

describeWithServices(['kafka'], 'what sources really send', ({ kafka }) => {
  const topic = `ATLAS_ENTITIES_${randomUUID().slice(0, 8)}`;
  let hub: HubProcess;

  beforeAll(async () => {
    await createTopics(kafka, { [topic]: 1 });
    const common = { tenant: 'acme', scheme: 'atlas' };
    const atlas = { ...common, format: 'atlas', namespace };
    const connectors = [
      { ...atlas, id: 'atlas', topic, kafka: { brokers: [kafka] } },
      { ...atlas, id: 'posted' },
      { ...common, id: 'events', format: 'cloudevents', namespace: 'urn:gov:events:bank' },
    ];
    hub = await startHubProcess({ file: { connectors, policy } });
  });

  afterAll(async () => {
    await hub.stop();
  });

  const get = (urn: string, token = admin): ReturnType<typeof callApi> =>
    callApi(hub.url, `/v1/documents/${encodeURIComponent(urn)}`, { token });
  const post = (connector: string, body: string, contentType: string): ReturnType<typeof callApi> =>
    callApi(hub.url, `/v1/ingest/${connector}`, { token: admin, body, headers: { 'content-type': contentType } });

  const ways: readonly (readonly [string, (text: string) => Promise<void>])[] = [
    ['one partition', (text) => kcat(kafka, topic, text)],
    [
      'HTTP',
      async (text) => {
        expect(await post('posted', text, 'text/plain; charset=utf-8')).toMatchObject({ status: 200 });
      },
    ],
  ];

  describe.each(ways)('by %s', (_, send) => {
    const statuses = async (guid: string): Promise<readonly number[]> => [
      (await get(`${namespace}:${guid}`)).status,
      (await get(`${namespace}:${guid}`, viewer)).status,
    ];

    it('I20: a tag is seen and hides, whatever stands beside it', async () => {
      const guid = randomUUID();
      const attributes = { owner: ['ada', 'bob'], name: 12, description: 'd'.repeat(70_000) };
      const mutatedDetails = { attributes: { userDescription: 'x' }, updatedBy: 'sam' };
      await send(notified('ENTITY_UPDATE', guid, { entity: { ...pii(guid), attributes }, beside: { mutatedDetails } }));
      await eventually(async () => expect(await statuses(guid)).toEqual([200, 404]));
      const { body } = await get(`${namespace}:${guid}`);
      const properties = expect.arrayContaining([{ key: 'owner', value: ['ada', 'bob'] }]) as unknown;
      expect(body).toMatchObject({ classifications: [{ name: 'PII' }], properties });
    });

    it('I21: a tag of a request that took a minute hides what a later and shorter one showed', async () => {
      const guid = randomUUID();
      await send(notified('ENTITY_UPDATE', guid, { began: 10, sent: 12 }));
      await eventually(async () => expect(await statuses(guid)).toEqual([200, 200]));
      await send(notified('CLASSIFICATION_ADD', guid, { began: 0, sent: 60, entity: pii(guid) }));
      await eventually(async () => expect(await statuses(guid)).toEqual([200, 404]));
    });

    it('I21: what was deleted before it was seen does not appear with its older creation', async () => {
      const [guid, after] = [randomUUID(), randomUUID()];
      await send(notified('ENTITY_DELETE', guid, { began: 2 }));
      await send(notified('ENTITY_CREATE', guid, { began: 1 }));
      await send(notified('ENTITY_CREATE', after, {}));
      await eventually(async () => expect(await statuses(after)).toEqual([200, 200]));
      expect(await statuses(guid)).toEqual([404, 404]);
    });
  });

  it('I21: over HTTP a sender that is ahead of the hub keeps its order', async () => {
    const create = (name: string, seconds: number): ReturnType<typeof postCloudEvent> =>
      postCloudEvent(hub.url, 'events', admin, {
        id: name,
        type: 'gov.asset.created',
        subject: 'ahead',
        time: new Date(Date.now() + seconds * 1000).toISOString(),
        data: { asset: { name } },
      });
    await create('newer', 20);
    await create('older', 10);
    expect((await get('urn:gov:events:bank:ahead')).body).toMatchObject({ name: 'newer' });
  });

  it('I22: numbers come out as they went in', async () => {
    const text = JSON.stringify({
      specversion: '1.0',
      id: randomUUID(),
      source: '/x',
      type: 'gov.property.changed',
      subject: 'numbers',
      data: { properties: { lsn: '#', small: 7 } },
    }).replace('"#"', '12345678901234567890');
    expect(await post('events', text, 'application/json')).toMatchObject({ status: 200 });
    expect((await get('urn:gov:events:bank:numbers')).body).toMatchObject({
      properties: [
        { key: 'lsn', value: { exactNumber: '12345678901234567890' } },
        { key: 'small', value: 7 },
      ],
    });
  });

  it('what a sender says of an event beside its data reaches subscribers', async () => {
    const listener = await record({ name: 'ada', url: hub.url, token: admin, channel: 'assets' });
    const said = { correlationid: 'txn-1', causationid: 'order-1', traceparent: '00-1', vendorRouting: { to: 'eu' } };
    await postCloudEvent(hub.url, 'events', admin, {
      id: randomUUID(),
      type: 'com.shop.order',
      subject: 'order-1',
      source: '/shop-a',
      dataref: 'https://shop.example/1',
      ...said,
    });
    const { correlationid, causationid, ...extensions } = said;
    await eventually(() =>
      expect(listener.events).toMatchObject([
        {
          kind: 'enter',
          subject: 'urn:gov:events:bank:/shop-a%23order-1',
          correlationid,
          causationid,
          extensions: { ...extensions, dataref: 'https://shop.example/1' },
          document: { native: { attributes: { source: '/shop-a', dataref: 'https://shop.example/1' } } },
        },
      ]),
    );
    listener.close();
  });
});
