import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { asKafkaAdmin } from '../harness/kafka-topics.ts';
import { noticesOf } from '../harness/notices.ts';
import type { Recorder } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';

describeWithServices(['kafka', 'mongo', 'redis'], 'the topic of the log is deleted', (urls) => {
  let cluster: HubCluster;
  let hubs: readonly HubProcess[];
  let clients: readonly Recorder[];
  let notices: readonly string[][];

  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'deleted' });
    hubs = [await cluster.start('one'), await cluster.start('two')];
    clients = await Promise.all(hubs.map((hub, index) => cluster.listen(hub, `reader-${index}`)));
    notices = clients.map(({ hub }) => noticesOf(hub));
  });
  afterAll(() => cluster.dispose());

  const post = async (name: string, node: number): Promise<void> => {
    const data = { asset: { type: 'table', name } };
    const event = { id: name, type: 'gov.asset.created', subject: name, data };
    expect(await postCloudEvent(hubs[node]?.url ?? '', 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  };
  const names = (client: Recorder): readonly string[] =>
    client.events.map(({ subject }) => subject.replace('urn:gov:bank:', ''));
  const deleteTopic = async (topic: string): Promise<void> =>
    asKafkaAdmin(urls.kafka, async (admin) => {
      await admin.deleteTopics({ topics: [topic] });
      await eventually(async () => expect(await admin.listTopics()).not.toContain(topic));
    });

  it('D2: clients of both nodes are told of a gap, then get what is new, without a restart', async () => {
    for (const [node] of hubs.entries()) await post(`before-${node}`, node);
    for (const client of clients) await eventually(() => expect(names(client)).toHaveLength(2));

    await deleteTopic(`${cluster.prefix}.events.1`);
    for (const [node] of hubs.entries()) await post(`after-${node}`, node);
    for (const [index, client] of clients.entries()) {
      await eventually(() => expect(notices[index]).toContain('gap'), { timeoutMs: 30_000 });
      await eventually(() => expect(names(client).slice(2).toSorted()).toEqual(['after-0', 'after-1']), {
        timeoutMs: 30_000,
      });
      expect(client.gaps).toEqual(['log']);
      expect(client.hub.status).toBe('live');
    }
    const topics = await asKafkaAdmin(urls.kafka, (admin) => admin.listTopics());
    const logs = topics.filter((topic) => topic.startsWith(`${cluster.prefix}.events.`));
    expect(logs).toEqual([`${cluster.prefix}.events.2`]);
    for (const hub of hubs) {
      expect((await callApi(hub.url, '/readyz')).body).toMatchObject({ status: 'ok' });
      expect((await callApi(hub.url, '/metrics')).text).toMatch(/^pursight_log_gaps_total 1$/m);
    }
  }, 120_000);
});
