import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atlasTopics } from '../../deploy/services/atlas-config.mjs';
import { type AtlasEntity, AtlasServer } from '../harness/atlas/atlas-server.ts';
import { type Cast, tellStory } from '../harness/atlas/atlas-story.ts';
import { bankSuperTypes } from '../harness/atlas/atlas-types.ts';
import { type HeldAsset, heldBy, saidBy } from '../harness/atlas/judge.ts';
import { readTopic } from '../harness/chaos/read-topic.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi } from '../harness/hub-api.ts';
import { type HubProcess, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { describeWithServices } from '../setup/services.ts';

// `npm run services -- up --atlas` starts one and says its address; without it what one has sent is read as a fixture,
// in adapters/formats/atlas/recorded.test.ts
const url = process.env['PURSIGHT_TEST_ATLAS_URL'];
const namespace = 'urn:gov:atlas:bank';

function hubFile(brokers: string): object {
  const atlas = {
    id: 'atlas',
    format: 'atlas',
    topic: atlasTopics.entities,
    tenant: 'acme',
    namespace,
    scheme: 'atlas',
  };
  return {
    connectors: [{ ...atlas, superTypes: bankSuperTypes, kafka: { brokers: [brokers] } }],
    policy: { version: 1, roles: { reader: [{ allow: 'read' }, { allow: 'administer' }] } },
  };
}

describe.skipIf(url === undefined)('a real Apache Atlas', () => {
  describeWithServices(['kafka'], 'as the judge', ({ kafka }) => {
    const atlas = new AtlasServer(url ?? '');
    const token = tokenFor({ roles: ['reader'] });
    let hub: HubProcess;
    let cast: Cast;
    let first: number;

    beforeAll(async () => {
      hub = await startHubProcess({ file: hubFile(kafka) });
      await atlas.defineTypes();
      first = (await readTopic(kafka, atlasTopics.entities)).length;
      cast = await tellStory(atlas, randomUUID());
    }, 120_000);

    afterAll(async () => {
      await hub.stop();
    });

    const held = async (guid: string): Promise<HeldAsset | undefined> => {
      const { status, body } = await callApi(hub.url, `/v1/documents/${encodeURIComponent(`${namespace}:${guid}`)}`, {
        token,
      });
      return status === 200 ? (body as HeldAsset) : undefined;
    };

    it('the hub holds what it says, entity by entity', async () => {
      for (const [role, guid] of Object.entries(cast)) {
        const said = saidBy(await atlas.entity(guid));
        await eventually(async () => expect({ role, ...heldBy(await held(guid)) }).toEqual({ role, ...said }), {
          timeoutMs: 30_000,
        });
      }
    }, 120_000);

    it('nothing that it sent was set aside', async () => {
      const { body } = await callApi(hub.url, '/v1/deadletters', { token });
      expect(body).toEqual({ deadLetters: [] });
    });

    it.runIf(process.env['PURSIGHT_RECORD_ATLAS'])('is recorded', async () => {
      const entities: AtlasEntity[] = [];
      for (const guid of Object.values(cast)) entities.push(await atlas.entity(guid));
      const records = (await readTopic(kafka, atlasTopics.entities)).slice(first).map(({ value }) => value);
      const folder = 'adapters/formats/atlas/recorded';
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}/atlas-2.1.0.json.gz`, gzipSync(JSON.stringify({ records, entities }), { level: 9 }));
    });
  });
});
