import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import type { HubProcess } from '../harness/hub-process.ts';
import { checkMetrics, promtoolMissing } from '../harness/promtool.ts';
import type { Recorder } from '../harness/recorder.ts';
import { describeWithServices } from '../setup/services.ts';

const isSkipped = promtoolMissing !== undefined && process.env['CI'] !== 'true';
if (isSkipped) console.log(`skipped: metrics by promtool: ${promtoolMissing}`);

describe.skipIf(isSkipped)('what Prometheus and a log collector get', () => {
  describeWithServices(['kafka', 'mongo', 'redis'], 'of two nodes with traffic', (urls) => {
    let cluster: HubCluster;
    let hubs: readonly HubProcess[];
    let clients: readonly Recorder[];

    beforeAll(async () => {
      cluster = createHubCluster({ ...urls, name: 'metrics' });
      const first = await cluster.start('one');
      hubs = [first, await cluster.start('two')];
      clients = await Promise.all(hubs.map((hub, index) => cluster.listen(hub, `reader-${index}`)));
    });
    afterAll(() => cluster.dispose());

    const post = async (index: number, event: object = {}): Promise<number> => {
      const data = { asset: { type: 'table', name: `t-${index}` } };
      const whole = { id: `${index}`, type: 'gov.asset.created', subject: `t-${index}`, data, ...event };
      const hub = hubs[index % hubs.length] as HubProcess;
      return (await postCloudEvent(hub.url, 'events', cluster.admin, whole)).status;
    };
    const traffic = async (): Promise<void> => {
      for (let index = 0; index < 40; index++) expect(await post(index)).toBe(200);
      expect(await post(40, { data: 'not an asset' })).toBeGreaterThanOrEqual(400);
      for (const hub of hubs) expect((await callApi(hub.url, '/v1/documents')).status).toBe(401);
    };

    it('promtool finds nothing wrong with the metrics while events flow and afterwards', async () => {
      expect(promtoolMissing).toBeUndefined();
      const scrape = async (hub: HubProcess): Promise<string> => (await callApi(hub.url, '/metrics')).text;
      const flowing = traffic();
      const pages = await Promise.all(hubs.map(scrape));
      await flowing;
      for (const client of clients) await eventually(() => expect(client.events).toHaveLength(40));
      pages.push(...(await Promise.all(hubs.map(scrape))));
      for (const page of pages) expect(await checkMetrics(page)).toEqual({ code: 0, complaints: '' });
      expect(pages.at(-1)).toMatch(/^pursight_deliveries_total 40$/m);
    });

    it('every line on standard error is a JSON object with its level, time and node', async () => {
      await Promise.all(hubs.map((hub) => hub.stop()));
      for (const [index, hub] of hubs.entries()) {
        const lines = hub.log().split('\n').slice(0, -1);
        expect(lines.length).toBeGreaterThan(0);
        for (const line of lines)
          expect(JSON.parse(line)).toMatchObject({
            level: expect.any(Number),
            time: expect.any(Number),
            node: ['one', 'two'][index],
          });
        expect(hub.log().endsWith('\n')).toBe(true);
      }
    });
  });
});
