import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumMissing, launchChromium } from '../harness/chromium.ts';
import { eventually } from '../harness/eventually.ts';
import { postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const admin = tokenFor({ tenant: 'demo', roles: ['admin'] });
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** The repository as a web server gives it to a browser: pages of examples, and the built library. */
async function serveFiles(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const isOurs = /^\/(?:examples\/browser|client-sdk\/dist)\/[\w-]+\.(?:html|js)$/.test(path);
    if (!isOurs) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[extname(path)] }).end(readFileSync(join(root, path)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe.skipIf(chromiumMissing !== undefined && process.env['CI'] !== 'true')('examples/browser/search.html', () => {
  const folder = scratchFolder();
  let hub: HubProcess;
  let files: Server;
  let browser: Browser;
  let page: Page;

  let serial = 0;
  async function create(name: string, more: object = {}): Promise<void> {
    const data = { asset: { type: 'table', name, domain: 'retail', ...more } };
    const event = { id: `b${++serial}`, type: 'gov.asset.created', subject: `b${serial}`, data };
    expect(await postCloudEvent(hub.url, 'events', admin, event)).toMatchObject({ status: 200 });
  }
  const shown = (): Promise<readonly string[]> => page.locator('#hits > li').allTextContents();
  const status = (): Promise<string | null> => page.locator('#status').textContent();

  beforeAll(async () => {
    if (chromiumMissing !== undefined) throw new Error(chromiumMissing);
    hub = await startHubProcess({ dataDir: folder.path, environment: { PURSIGHT_ENV: 'development' } });
    files = await serveFiles();
    browser = await launchChromium();
    page = await browser.newPage();
    const { port } = files.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/examples/browser/search.html`);
    await page.fill('input[name=url]', hub.url);
    await page.fill('input[name=token]', admin);
    await page.click('button');
  });

  afterAll(async () => {
    await browser?.close();
    files?.close();
    await hub?.stop();
    folder.remove();
  });

  it('finds while somebody types, stays live, and shows texts of the catalog as text', async () => {
    await create('customer_orders', { description: '<img src=x onerror="window.attacked = true"> of orders' });
    await create('accounts');
    await eventually(async () => expect(await status()).toBe('live: 2 found retail 2'));
    await page.locator('#words').pressSequentially('ordres');
    await eventually(async () => expect(await status()).toBe('live: 1 found retail 1'));
    expect(await shown()).toEqual([
      'customer_orders, table of retailname: customer_orders' +
        'description: <img src=x onerror="window.attacked = true"> of orders',
    ]);
    expect(await page.locator('mark').allTextContents()).toEqual(['orders', 'orders']);
    await create('orders');
    await eventually(async () => expect(await page.locator('#hits > li').count()).toBe(2));
    expect(await status()).toBe('live: 2 found retail 2');
    expect(await page.evaluate('window.attacked')).toBe(undefined);
  });

  it('shows why a query is refused, and goes on with the next', async () => {
    await page.fill('#words', 'a b c d e f g h i j k');
    await eventually(async () => expect(await status()).toMatch(/^q: must have at most 10 words/));
    await page.fill('#words', 'accounts');
    await eventually(async () => expect(await status()).toBe('live: 1 found retail 1'));
    expect(await shown()).toEqual(['accounts, table of retailname: accounts']);
  });
});
