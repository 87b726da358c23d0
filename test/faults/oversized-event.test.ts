import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { configureTopic } from '../harness/kafka-topics.ts';
import type { Recorder } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';

describeWithServices(['kafka', 'mongo', 'redis'], 'an event above what the topic of the log takes', (urls) => {
  let cluster: HubCluster;
  let hub: HubProcess;
  let client: Recorder;

  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'oversized' });
    hub = await cluster.start('one');
    client = await cluster.listen(hub, 'reader');
  });
  afterAll(() => cluster.dispose());

  const post = async (id: string, subject: string, description: string): Promise<void> => {
    const data = { asset: { type: 'table', name: subject, description } };
    const event = { id, type: 'gov.asset.updated', subject, data };
    expect(await postCloudEvent(hub.url, 'events', cluster.admin, event)).toMatchObject({ status: 200 });
  };
  const subjects = (): readonly string[] => client.events.map(({ subject }) => subject.replace('urn:gov:bank:', ''));

  it('waits with the later ones of its entity while others go on, and comes when the topic takes it', async () => {
    const topic = `${cluster.prefix}.events.1`;
    await configureTopic(urls.kafka, topic, { 'max.message.bytes': '20000' });
    await post('1', 'large', 'x'.repeat(30_000));
    for (let index = 0; index < 5; index++) await post(`small-${index}`, `small-${index}`, 'fits');
    await post('2', 'large', 'small again');
    await post('last', 'last', 'fits');
    await eventually(() => expect(subjects()).toContain('last'));
    expect(subjects().toSorted()).toEqual(['last', ...[0, 1, 2, 3, 4].map((index) => `small-${index}`)]);
    expect(hub.log()).toMatch(/limit-exceeded|takes no event of/);

    await configureTopic(urls.kafka, topic, { 'max.message.bytes': '1000000' });
    await eventually(() => expect(subjects().filter((subject) => subject === 'large')).toHaveLength(2), {
      timeoutMs: 60_000,
    });
    const ofLarge = client.events.filter(({ subject }) => subject.endsWith(':large'));
    expect(ofLarge.map(({ kind }) => kind)).toEqual(['enter', 'update']);
    expect(client.gaps).toEqual([]);
  }, 120_000);
});
