import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { asKafkaAdmin } from '../harness/kafka-topics.ts';
import type { Recorder } from '../harness/recorder.ts';
import { runCli } from '../harness/run-cli.ts';
import { describeWithServices } from '../setup/services.ts';

describeWithServices(['kafka', 'mongo', 'redis'], 'somebody adds partitions to the topic of the log', (urls) => {
  let cluster: HubCluster;
  let hub: HubProcess;
  let client: Recorder;

  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'partitions' });
    hub = await cluster.start('one');
    client = await cluster.listen(hub, 'reader');
  });
  afterAll(() => cluster.dispose());

  const post = async (index: number): Promise<void> => {
    const data = { asset: { type: 'table', name: `t-${index}` } };
    const event = { id: `${index}`, type: 'gov.asset.created', subject: `t-${index}`, data };
    expect(await postCloudEvent(hub.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  };

  it('a running node goes on with the partitions of the epoch; no node starts, and doctor says why', async () => {
    const topic = `${cluster.prefix}.events.1`;
    await asKafkaAdmin(urls.kafka, (admin) =>
      admin.createPartitions({ topicPartitions: [{ topic, count: 5 }], timeout: 5000 }),
    );
    for (let index = 0; index < 20; index++) await post(index);
    await eventually(() => expect(client.events).toHaveLength(20));
    const offsets = await asKafkaAdmin(urls.kafka, (admin) => admin.fetchTopicOffsets(topic));
    expect(offsets.filter(({ partition }) => partition > 1).map(({ high }) => high)).toEqual(['0', '0', '0']);

    await expect(cluster.start('two')).rejects.toThrow(/log-mismatch.*has 5 partitions/s);
    const doctor = await runCli(['doctor'], { environment: cluster.environment });
    expect(doctor.out).toContain('has 5 partitions, but the catalog says 2');
    expect(doctor.code).toBe(5);
  });
});
