import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContractServer } from '../../client-sdk/testing/contract-server.ts';
import { type DocSample, samplesOf, shapeOf } from '../harness/doc-samples.ts';
import { eventually } from '../harness/eventually.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { createHubCluster, type HubCluster } from '../harness/hub-cluster.ts';
import { type HubProcess, scratchFolder, startHubProcess, testSecrets } from '../harness/hub-process.ts';
import { asKafkaAdmin } from '../harness/kafka-topics.ts';
import { type CliResult, runCli } from '../harness/run-cli.ts';
import { describeWithServices } from '../setup/services.ts';

const samples = samplesOf('docs/cli.md');
const folder = scratchFolder();

afterAll(() => folder.remove());

function sampleOf(command: string): DocSample {
  const found = samples.filter(({ args }) => args.join(' ').startsWith(command));
  expect(found, command).toHaveLength(1);
  return found[0] as DocSample;
}

it('docs/cli.md has no samples but those that follow', () => {
  expect(samples.map(({ args: [command] }) => command)).toEqual(['replay', 'ingest', 'doctor', 'log', 'journal']);
});

describe('what docs/cli.md shows is what the commands print', () => {
  it('replay', async () => {
    // a hub that has lost something of its log takes long to make
    const forgetful = await new ContractServer().listen();
    forgetful.options.resume = () => 'coverage';
    const { args, output } = sampleOf('replay');
    const { err } = await runCli([...args, '--url', forgetful.url, '--token', 'any']);
    expect(shapeOf(err)).toEqual(shapeOf(output));
    await forgetful.close();
  });

  it('ingest', async () => {
    const hub = await startHubProcess({ dataDir: folder.path });
    try {
      const { args, output } = sampleOf('ingest');
      const message = (id: number): string =>
        JSON.stringify({
          ...{ specversion: '1.0', id: `${id}`, source: '/s', type: 'gov.asset.created', subject: `t-${id}` },
          data: { asset: { type: 'table', name: `t-${id}` } },
        });
      const path = join(folder.path, 'messages.ndjson');
      writeFileSync(path, [message(1), message(2), 'not json'].join('\n'));
      const environment = {
        PURSIGHT_URL: hub.url,
        PURSIGHT_DATA_DIR: folder.path,
        PURSIGHT_JWT_SECRET: testSecrets.jwt,
      };
      const { out, err } = await runCli(
        args.map((arg) => (arg === 'messages.ndjson' ? path : arg)),
        { environment },
      );
      expect(shapeOf(err + out)).toEqual(shapeOf(output));
    } finally {
      await hub.stop();
    }
  });
});

describeWithServices(['kafka', 'mongo', 'redis'], 'what docs/cli.md shows of a cluster', (urls) => {
  let cluster: HubCluster;
  let hub: HubProcess;

  beforeAll(async () => {
    cluster = createHubCluster({ ...urls, name: 'samples' });
    hub = await cluster.start('node-2');
    for (let index = 0; index < 20; index++) {
      const data = { asset: { type: 'table', name: `t-${index}` } };
      const event = { id: `${index}`, type: 'gov.asset.created', subject: `t-${index}`, data };
      await postCloudEvent(hub.url, 'events', cluster.admin, event);
    }
  });
  afterAll(() => cluster.dispose());

  const run = ({ args }: DocSample): Promise<CliResult> =>
    runCli(args, { environment: { PURSIGHT_URL: hub.url, PURSIGHT_TOKEN: cluster.admin } });

  it.each(['log status', 'journal status'])('%s', async (command) => {
    const sample = sampleOf(command);
    await eventually(async () => {
      const { out } = await run(sample);
      expect(shapeOf(out, { [cluster.prefix]: 'pursight' })).toEqual(shapeOf(sample.output));
    });
  });

  it('doctor, of a topic to which somebody has added partitions', async () => {
    await hub.stop();
    const topic = `${cluster.prefix}.events.1`;
    const topicPartitions = [{ topic, count: 6 }];
    await asKafkaAdmin(urls.kafka, async (admin) => admin.createPartitions({ topicPartitions }));
    const { args, output } = sampleOf('doctor');
    const config = join(folder.path, 'hub.yaml');
    writeFileSync(config, JSON.stringify({ connectors: [], policy: { version: 1, roles: {} } }));
    const production = {
      ...{ PURSIGHT_ENV: 'production', PURSIGHT_CONFIG: config, PURSIGHT_URL: hub.url },
      ...{ PURSIGHT_SECRET: testSecrets.hub, PURSIGHT_JWT_SECRET: testSecrets.jwt },
    };
    const { out } = await runCli(args, { environment: { ...cluster.environment, ...production } });
    const found = shapeOf(out, { [cluster.prefix]: 'pursight' });
    for (const line of shapeOf(output)) {
      const shown = line.replace(/ \.\.\.$/, '');
      expect(found).toContainEqual(line === shown ? shown : expect.stringContaining(shown));
    }
  });
});
