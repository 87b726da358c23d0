import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../deploy/services/process.mjs';
import { chromiumMissing, launchChromium } from '../harness/chromium.ts';
import { enginesHere } from '../harness/engines.ts';
import { eventually } from '../harness/eventually.ts';
import { scratchFolder } from '../harness/hub-process.ts';
import { StreamHub, stewardToken, urnOf } from '../harness/stream-hub.ts';

/** A block of the guide: what its readers copy. */
function guideBlock(language: string): string {
  const guide = readFileSync(fileURLToPath(new URL('../../docs/streams.md', import.meta.url)), 'utf8');
  return new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'm').exec(guide)?.[1] ?? '';
}

const patient = { timeoutMs: 30_000 };

/** Serves a page with the code of the guide. */
async function servePage(): Promise<Server> {
  const script = `${guideBlock('js')}\nwindow.shown = [];\nwindow.watch = watch;`;
  const page = `<!doctype html><title>streams</title><script>${script}</script>`;
  const server = createServer((_request, response) => void response.setHeader('content-type', 'text/html').end(page));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** The script of the guide, and what it printed. */
function runScript(
  hub: string,
  stateFile: string,
): { readonly child: ChildProcess; readonly lines: () => readonly string[] } {
  const child = spawn('python3', ['-c', guideBlock('python'), stateFile], {
    env: { ...process.env, HUB: hub, TOKEN: stewardToken },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return { child, lines: () => out.split('\n').slice(0, -1) };
}

describe.each(await enginesHere())('clients of streams on %s', (engine) => {
  let hub: StreamHub;
  beforeAll(async () => {
    // the same address after a restart, so that clients find the hub again
    hub = new StreamHub({ PURSIGHT_WS_ENGINE: engine, PURSIGHT_PORT: String(await freePort()) });
    await hub.start();
  });
  afterAll(() => hub?.dispose());

  /** Changes before, while nobody is there to take them, and after; gives their names in order. */
  async function changesAroundCrash(prefix: string, seen: () => Promise<number> | number): Promise<readonly string[]> {
    const names = Array.from({ length: 30 }, (_, index) => `${prefix}-${index}`);
    for (const name of names.slice(0, 10)) await hub.put(name);
    await eventually(async () => expect(await seen()).toBeGreaterThanOrEqual(10), patient);
    for (const name of names.slice(10, 15)) await hub.put(name);
    await hub.crash();
    for (const name of names.slice(15, 25)) await hub.put(name);
    await eventually(async () => expect(await seen()).toBeGreaterThanOrEqual(25), patient);
    for (const name of names.slice(25)) await hub.put(name);
    return names;
  }

  it(
    'W20: a Python script over lines of JSON has each event once, though the hub was killed',
    { timeout: 90_000 },
    async () => {
      const folder = scratchFolder();
      const script = runScript(hub.url, join(folder.path, 'state.json'));
      try {
        await eventually(() => readFileSync(join(folder.path, 'state.json')), patient);
        const names = await changesAroundCrash('py', () => script.lines().length);
        await eventually(() => expect(script.lines()).toHaveLength(names.length), patient);
        expect(script.lines().map((line) => line.split(' ')[1])).toEqual(names.map(urnOf));
      } finally {
        script.child.kill('SIGKILL');
        folder.remove();
      }
    },
  );

  describe.skipIf(chromiumMissing !== undefined)('in Chromium', () => {
    let browser: Browser;
    let server: Server;
    let page: Page;

    beforeAll(async () => {
      [browser, server] = [await launchChromium(), await servePage()];
      page = await (await browser.newContext()).newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
    afterAll(async () => {
      await browser?.close();
      server?.close();
    });

    it('W20 W22: EventSource has each event once, though the hub was killed', { timeout: 90_000 }, async () => {
      const shown = (): Promise<readonly string[]> => page.evaluate('window.shown') as Promise<readonly string[]>;
      const options = JSON.stringify([hub.url, stewardToken]);
      await page.evaluate(
        `watch(${options}[0], async () => ${options}[1], (event) => window.shown.push(event.subject))`,
      );
      const { length: before } = await shown();
      await hub.put('first-of-page');
      await eventually(async () => expect(await shown()).toHaveLength(before + 1), patient);
      const names = await changesAroundCrash('page', async () => (await shown()).length - 1);
      await eventually(async () => expect(await shown()).toHaveLength(names.length + 1), patient);
      expect((await shown()).slice(1)).toEqual(names.map(urnOf));
    });
  });
});
