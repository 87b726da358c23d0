import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { composeEnvironment } from '../harness/compose-file.ts';
import { type HubProcess, scratchFolder, startHubProcess, testSecrets } from '../harness/hub-process.ts';
import { createTopics, kcat } from '../harness/kafka-topics.ts';
import { MeiliStandIn } from '../harness/meili-stand-in/meili-stand-in.ts';
import { nginxMissing, startNginx } from '../harness/nginx.ts';
import type { Proxy } from '../harness/proxy.ts';
import { describeWithServices } from '../setup/services.ts';

const nodes = ['hub-1', 'hub-2'] as const;
const [, withCompose = ''] = readFileSync('docs/quick-start-cluster.md', 'utf8').split('\n## With compose\n');
const commands = [...withCompose.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block = '']) =>
  block.replaceAll('\\\n', '').split(/\n(?! )/),
);

function commandWith(text: string): string {
  return commands.find((command) => command.includes(text)) ?? expect.unreachable(`no command with ${text}`);
}

describeWithServices(
  ['kafka', 'mongo', 'redis'],
  'what compose.yaml runs, on servers that are here and without containers',
  ({ kafka, mongo, redis }) => {
    const folder = scratchFolder();
    const name = `compose-${randomUUID().slice(0, 8)}`;
    const topic = `${name}.catalog-events`;
    const settings = join(folder.path, '.env');
    const hubs: HubProcess[] = [];
    const meili = new MeiliStandIn();
    let nginx: Proxy;

    const shell = async (command: string): Promise<string> => {
      const script = command
        .replace('--env-file=.env', `--env-file=${settings}`)
        .replaceAll('http://127.0.0.1:8080', nginx.url);
      return (await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script])).stdout;
    };

    beforeAll(async () => {
      if (nginxMissing !== undefined) return;
      const meiliUrl = await meili.start();
      const hubFile = join(folder.path, 'hub.yaml');
      writeFileSync(hubFile, readFileSync('deploy/hub.yaml', 'utf8').replaceAll(/topic: /g, `topic: ${name}.`));
      await promisify(execFile)('bash', ['-c', commandWith('cp .env.example').replace(' .env ', ` ${settings} `)]);
      const secrets = {
        PURSIGHT_SECRET: testSecrets.hub,
        PURSIGHT_JWT_SECRET: testSecrets.jwt,
        REDIS_PASSWORD: 'a-password',
        MEILI_MASTER_KEY: meili.key,
      };
      const filled = Object.entries(secrets).reduce(
        (text, [key, value]) => text.replace(`\n${key}=\n`, `\n${key}=${value}\n`),
        readFileSync(settings, 'utf8'),
      );
      // not before they were put in
      expect(() => composeEnvironment('hub-1', settings)).toThrow(': copy .env.example to .env');
      writeFileSync(settings, filled);
      const ports: Record<string, number> = {};
      for (const node of nodes) {
        const port = (ports[node] = await freePort());
        const given = composeEnvironment(node, settings);
        const here: Readonly<Record<string, string>> = {
          'kafka:9092': kafka,
          'mongodb://mongo:27017/pursight?replicaSet=rs0': mongo.replace('/?', `/${name}?`),
          'redis://:a-password@redis:6379': redis,
          'http://meilisearch:7700': meiliUrl,
          '/config/hub.yaml': hubFile,
        };
        const environment = Object.fromEntries(
          Object.entries(given).map(([key, value]) => [key, here[value] ?? value]),
        );
        // so that nothing of it is left to guess: every address of compose.yaml has its place here
        expect(Object.values(here).every((value) => Object.values(environment).includes(value))).toBe(true);
        hubs.push(
          await startHubProcess({
            dataDir: folder.path,
            environment: { ...environment, PURSIGHT_PORT: String(port), PURSIGHT_TOPIC_PREFIX: name },
          }),
        );
      }
      nginx = await startNginx({ 'hub-1': ports['hub-1'] ?? 0, 'hub-2': ports['hub-2'] ?? 0 });
    }, 60_000);
    afterAll(async () => {
      await nginx?.stop();
      for (const hub of hubs) await hub.stop();
      await meili.stop();
      folder.remove();
    });

    it.skipIf(nginxMissing !== undefined)(
      'a change of the Kafka topic reaches a client of nginx that has the token of the guide',
      { timeout: 60_000 },
      async () => {
        expect(JSON.parse(await shell(commandWith('/readyz')))).toMatchObject({ status: 'ok', mode: 'cluster' });
        const [, found, partitions] =
          /--create --topic (\S+) --partitions (\d+)/.exec(commandWith('kafka-topics.sh')) ?? [];
        expect(found).toBe('catalog-events');
        await createTopics(kafka, { [topic]: Number(partitions) });

        const token = commandWith('export TOKEN=');
        const tail = commandWith('pursight tail').replace('assets', 'assets --count 1');
        let isOver = false;
        const output = shell(`${token}\n${tail}`).finally(() => (isOver = true));
        // nobody says when it listens
        for (let sent = 0; !isOver; sent++) {
          const data = { asset: { type: 'table', name: 't' } };
          const event = { specversion: '1.0', id: `${sent}`, source: '/compose', type: 'gov.asset.created' };
          await kcat(kafka, topic, JSON.stringify({ ...event, subject: `t-${sent}`, data }), {
            headers: { 'content-type': 'application/cloudevents+json' },
          });
          await pause(200);
        }
        expect(await output).toContain('"kind":"enter"');
      },
    );
  },
);
