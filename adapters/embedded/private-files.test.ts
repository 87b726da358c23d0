import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmbeddedEnvironment } from './embedded-environment.ts';
import { makePrivate, readableByOthers } from './private-files.ts';

describe('files of the data folder', () => {
  let parent: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'hub-private-'));
  });
  afterEach(() => rm(parent, { recursive: true }));

  async function modes(folder: string): Promise<Readonly<Record<string, string>>> {
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    const names = await readdir(folder);
    const files = await Promise.all(names.map(async (name) => [name, await mode(join(folder, name))] as const));
    return { '.': await mode(folder), ...Object.fromEntries(files) };
  }

  const own = { '.': '700', 'data.mdb': '600', 'lock.mdb': '600', 'hub.lock': '600', 'data.size': '600' };

  it('R11 nobody but the owner can read a new folder', async () => {
    const folder = join(parent, 'deep', 'data');
    const environment = await createEmbeddedEnvironment({ folder });
    expect(await modes(folder)).toEqual(own);
    await environment.close();
  });

  it('R11 a folder that all could read is taken from them, with what is in it', async () => {
    const folder = join(parent, 'data');
    await (await createEmbeddedEnvironment({ folder })).close();
    await writeFile(join(folder, 'development-secrets.json'), '{}');
    await chmod(folder, 0o755);
    for (const name of await readdir(folder)) await chmod(join(folder, name), 0o644);
    const environment = await createEmbeddedEnvironment({ folder });
    expect(await modes(folder)).toEqual({ ...own, 'development-secrets.json': '600' });
    await environment.close();
  });

  it("R1 a file that a rival takes away meanwhile is nobody's fault", async () => {
    const rival = new Worker(
      `const { workerData: path } = require('node:worker_threads');
       const { rmSync, writeFileSync } = require('node:fs');
       for (let n = 0; ; n += 1) { writeFileSync(path + n, '', { mode: 0o644 }); rmSync(path + n); }`,
      { eval: true, workerData: join(parent, 'hub.lock.') },
    );
    try {
      const until = Date.now() + 500;
      while (Date.now() < until) {
        makePrivate(parent);
        readableByOthers(parent);
      }
    } finally {
      await rival.terminate();
    }
    expect((await stat(parent)).mode & 0o777).toBe(0o700);
  });
});
