import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createHub, type Hub, type WireEvent } from '@pursight/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultProxy } from '../harness/fault-proxy.ts';
import { eventually } from '../harness/eventually.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { describeWithServices } from '../setup/services.ts';

const admin = tokenFor({ roles: ['admin'] });
const policy = { version: 1, roles: { admin: [{ allow: 'read' }, { allow: 'ingest' }] } };
const events = { id: 'events', format: 'cloudevents', tenant: 'acme', namespace: 'urn:gov:bank' };

describeWithServices(['kafka', 'mongo', 'redis'], 'nodes that are replaced one after the other', (urls) => {
  const name = `rolling-${randomUUID().slice(0, 8)}`;
  const folder = scratchFolder();
  const hubs: HubProcess[] = [];
  const statuses: string[] = [];
  const faults: string[] = [];
  const got: WireEvent[] = [];
  let serving: HubProcess;
  const proxy = new FaultProxy(() => ({ host: '127.0.0.1', port: Number(new URL(serving.url).port) }));
  let client: Hub;

  async function start(node: string): Promise<HubProcess> {
    const hub = await startHubProcess({
      dataDir: folder.path,
      file: { connectors: [events], policy },
      environment: {
        PURSIGHT_KAFKA_BROKERS: urls.kafka,
        PURSIGHT_MONGO_URL: urls.mongo.replace('/?', `/${name}?`),
        PURSIGHT_REDIS_URL: urls.redis,
        PURSIGHT_TOPIC_PREFIX: name,
        PURSIGHT_LOG_PARTITIONS: '3',
        PURSIGHT_NODE: node,
        PURSIGHT_DRAIN_MS: '10000',
      },
    });
    hubs.push(hub);
    return hub;
  }

  beforeAll(async () => {
    serving = await start('node-1');
    client = createHub({ url: `http://127.0.0.1:${await proxy.listen()}`, token: admin, client: 'rolling restart' });
    client.on('status', (status) => statuses.push(status));
    client.on('error', ({ code, message }) => faults.push(`${code}: ${message}`));
  });

  afterAll(async () => {
    client?.close();
    await proxy.close();
    await Promise.all(hubs.map((hub) => hub.stop()));
    folder.remove();
  });

  it('D7: cost a client neither an event nor a gap, and not a moment without connection', async () => {
    const feed = client.channel('assets');
    const view = client.view('assets');
    feed.on('event', (event) => got.push(event));
    feed.on('gap', ({ reason }) => faults.push(`gap ${reason}`));
    view.on('stale', () => faults.push('stale'));
    const search = client.search('table', { limit: 3, sort: ['name'] });
    search.on('stale', () => faults.push('search stale'));
    await Promise.all([feed.live, view.live, search.live]);

    let sent = 0;
    let node = hubs[0];
    const change = async (hub: HubProcess): Promise<void> => {
      const asset = { type: 'table', name: `t${sent % 5}`, description: `${sent}`, aliases: [`table ${sent}`] };
      const event = { id: `e${sent}`, type: 'gov.asset.created', subject: `t${sent % 5}`, data: { asset } };
      expect(await postCloudEvent(hub.url, 'events', admin, event)).toMatchObject({ status: 200 });
      sent += 1;
    };
    for (const round of [2, 3]) {
      const next = await start(`node-${round}`);
      for (let count = 0; count < 20; count += 1) await change(next);
      serving = next;
      const stopped = node?.stop();
      let isStopped = false;
      void stopped?.then(() => (isStopped = true));
      while (!isStopped) {
        await change(next);
        await pause(5);
      }
      node = next;
    }
    await eventually(() => expect(got).toHaveLength(sent));
    expect(new Set(got.map(({ id }) => id)).size).toBe(sent);
    const descriptions = got.map((event) =>
      event.kind === 'enter'
        ? event.document['description']
        : event.kind === 'update'
          ? event.changes['/description']?.new
          : undefined,
    );
    for (const rest of [0, 1, 2, 3, 4]) {
      const own = descriptions.map(Number).filter((number) => number % 5 === rest);
      expect(own).toEqual([...own].sort((one, other) => one - other));
    }
    expect(statuses).toEqual(['live', 'draining', 'live', 'draining', 'live']);
    expect(faults).toEqual([]);
    await eventually(() =>
      expect(view.items.map(({ document }) => Number(document['description'])).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 5 }, (_, index) => sent - 5 + index),
      ),
    );
    // highlights say which alias a hit has now
    await eventually(() =>
      expect(search.hits.map(({ highlights = [] }) => Number(highlights[0]?.text.slice('table '.length)) % 5)).toEqual([
        0, 1, 2,
      ]),
    );
    expect(search.total.value).toBe(5);
  }, 120_000);
});
