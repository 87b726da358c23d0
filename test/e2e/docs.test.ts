import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../deploy/services/process.mjs';
import { blocksOf, runDocument } from '../harness/doc-commands.ts';
import { scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { createTopics } from '../harness/kafka-topics.ts';
import { describeWithServices } from '../setup/services.ts';

async function ports(): Promise<Readonly<Record<string, string>>> {
  const [first, second] = [await freePort(), await freePort()];
  return { '8080': String(first), '8081': String(second) };
}

/** Nothing of what npm keeps from earlier runs helps or stands in the way. */
function asOnANewMachine(folder: string): Readonly<Record<string, string>> {
  return { PURSIGHT_DATA_DIR: folder, npm_config_cache: join(folder, 'npm') };
}

describe('the commands of the documents work as they stand', () => {
  it.each(['README.md', 'docs/quick-start.md'])('%s', { timeout: 120_000 }, async (document) => {
    expect(blocksOf(document).length).toBeGreaterThan(2);
    const folder = scratchFolder();
    const replace = await ports();
    const environment = { ...asOnANewMachine(folder.path), PURSIGHT_PORT: replace['8080'] ?? '' };
    try {
      const output = await runDocument(document, { replace, environment });
      expect(output).toContain('"kind":"enter"');
      expect(output).toContain('"accepted":1');
    } finally {
      folder.remove();
    }
  });
});

it('docs/dashboard.md: both links sign in', { timeout: 120_000 }, async () => {
  const folder = scratchFolder();
  const replace = await ports();
  const environment = { ...asOnANewMachine(folder.path), PURSIGHT_PORT: replace['8080'] ?? '' };
  try {
    const output = await runDocument('docs/dashboard.md', { replace, environment });
    expect(output.match(new RegExp(`http://127.0.0.1:${replace['8080']}/#code=[\\w.-]+`, 'g'))).toHaveLength(2);
  } finally {
    folder.remove();
  }
});

describeWithServices(['kafka'], 'the commands of connect-atlas.md work as they stand', ({ kafka }) => {
  it('docs/connect-atlas.md', { timeout: 60_000 }, async () => {
    const guide = readFileSync('docs/connect-atlas.md', 'utf8');
    const blockOf = (language: string): string =>
      new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'm').exec(guide)?.[1] ?? '';
    const topic = `atlas-${randomUUID().slice(0, 8)}`;
    await createTopics(kafka, { [topic]: 1 });
    const { connectors } = parse(blockOf('yaml').replace('ATLAS_ENTITIES', topic)) as { connectors: readonly object[] };
    const folder = scratchFolder();
    const message = join(folder.path, 'message.json');
    writeFileSync(message, blockOf('json'));
    const hub = await startHubProcess({
      dataDir: folder.path,
      file: {
        connectors: connectors.map((each) => ({ ...each, kafka: { brokers: [kafka] } })),
        policy: { version: 1, roles: { steward: [{ allow: 'read' }] } },
      },
    });
    try {
      const TOKEN = tokenFor({ tenant: 'northbank', roles: ['steward'] });
      const output = await runDocument('docs/connect-atlas.md', {
        replace: { ATLAS_ENTITIES: topic },
        environment: { HUB: hub.url, BROKERS: kafka, MESSAGE: message, TOKEN },
      });
      expect(output).toContain('"name":"current_accounts"');
      expect(output).toContain('"scheme":"atlas","name":"IBAN"');
    } finally {
      await hub.stop();
      folder.remove();
    }
  });
});

describeWithServices(
  ['kafka', 'mongo', 'redis'],
  'the commands of the cluster quick start work as they stand',
  ({ kafka, mongo, redis }) => {
    it('docs/quick-start-cluster.md', { timeout: 180_000 }, async () => {
      const folder = scratchFolder();
      const name = `docs-${randomUUID().slice(0, 8)}`;
      const replace = {
        ...(await ports()),
        '127.0.0.1:19092': kafka,
        'mongodb://127.0.0.1:37017/pursight?replicaSet=rs0': mongo.replace('/?', `/${name}?`),
        'redis://127.0.0.1:16379': redis,
      };
      try {
        const output = await runDocument('docs/quick-start-cluster.md', {
          replace,
          environment: { ...asOnANewMachine(folder.path), PURSIGHT_TOPIC_PREFIX: name },
        });
        expect(output).toContain('"kind":"enter"');
        expect(output).toContain('"mode":"cluster"');
        expect(output.match(/^hub ready/gm)).toHaveLength(2);
      } finally {
        folder.remove();
      }
    });
  },
);
