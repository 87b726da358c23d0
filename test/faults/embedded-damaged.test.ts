import { copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { runCli } from '../harness/run-cli.ts';

const token = tokenFor({ tenant: 'demo', roles: ['admin'] });
const count = 40;

describe('the data file of an embedded hub was damaged while it was stopped', () => {
  const folder = scratchFolder();
  const file = join(folder.path, 'data.mdb');
  const kept = join(folder.path, 'kept');

  beforeAll(async () => {
    const hub = await startHubProcess({ dataDir: folder.path });
    for (let index = 0; index < count; index++) {
      const data = { asset: { type: 'table', name: `t-${index}` } };
      const event = { id: `${index}`, type: 'gov.asset.created', subject: `t-${index}`, data };
      expect(await postCloudEvent(hub.url, 'events', token, event)).toMatchObject({ status: 200 });
    }
    await hub.stop();
    copyFileSync(file, kept);
  });
  afterAll(() => folder.remove());

  it.each<[string, () => void]>([
    ['cut to half', () => truncateSync(file, statSync(file).size / 2)],
    ['cut by one page', () => truncateSync(file, statSync(file).size - 8192)],
    ['cut within its beginning', () => truncateSync(file, 100)],
    ['emptied', () => truncateSync(file, 0)],
    ['removed', () => rmSync(file)],
    ['overwritten with something else', () => writeFileSync(file, Buffer.alloc(statSync(file).size, 'not a database'))],
    ['overwritten at its second page', () => writeFileSync(file, readFileSync(file).fill(0, 8192, 16_384))],
  ])(
    'I9: %s: it does not start, says what is wrong and what to do, and leaves the file as it is',
    async (_, damage) => {
      copyFileSync(kept, file);
      damage();
      const before = contentOf(file);
      const environment = { PURSIGHT_DATA_DIR: folder.path, PURSIGHT_PORT: '0' };
      const started = await runCli(['serve'], { environment });
      expect(started).toMatchObject({ code: 2, err: expect.stringMatching(/storage-damaged: .*data\.mdb .*restore/) });
      const doctor = await runCli(['doctor'], { environment });
      expect(doctor.out).toMatch(/^FAIL data file: .*data\.mdb .*restore/m);
      expect(contentOf(file)).toEqual(before);
    },
  );

  it('I9: restored, it holds all that was acknowledged', async () => {
    copyFileSync(kept, file);
    const hub = await startHubProcess({ dataDir: folder.path });
    const { body } = await callApi(hub.url, '/v1/documents?limit=1000', { token });
    expect((body as { documents: unknown[] }).documents).toHaveLength(count);
    expect(await hub.stop()).toBe(0);
  });
});

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
