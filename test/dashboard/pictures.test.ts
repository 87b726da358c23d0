import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../harness/chromium.ts';
import { openDashboard } from '../harness/dashboard-page.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';

const pictures = fileURLToPath(new URL('../../docs/pictures', import.meta.url));
const admin = tokenFor({ tenant: 'demo', roles: ['admin'] });

const suggested = (name: string): object => ({ scheme: 'pii', name, state: 'suggested', origin: 'automated' });
const column = (name: string, type: string, ...classifications: readonly object[]): object => ({
  ...{ name, type, classifications },
});
const assets: Readonly<Record<string, object>> = {
  customers: {
    ...{ name: 'customers', fqn: 'crm.customers', platform: 'snowflake', domain: 'retail' },
    owners: [{ id: 'ada' }],
    columns: [
      column('id', 'bigint'),
      column('email', 'varchar', suggested('email')),
      column('phone', 'varchar', suggested('phone')),
    ],
  },
  orders: {
    ...{ name: 'orders', fqn: 'shop.orders', platform: 'snowflake', domain: 'retail' },
    ...{ description: 'One row for each order of the shop.', owners: [{ id: 'bruno' }], terms: ['order'] },
    columns: [
      column('order_id', 'bigint'),
      column('customer_id', 'bigint'),
      column('ship_to', 'varchar', suggested('address')),
    ],
  },
  orders_by_day: {
    ...{ name: 'orders_by_day', fqn: 'marts.orders_by_day', platform: 'databricks', domain: 'finance' },
    ...{ owners: [{ id: 'chiara' }], columns: [column('day', 'date'), column('orders', 'bigint')] },
  },
  open_orders: { name: 'open_orders', fqn: 'shop.open_orders', platform: 'postgres', domain: 'retail' },
};

const edges = [
  ['customers', 'orders'],
  ['orders', 'orders_by_day'],
  ['orders', 'open_orders'],
] as const;

/** The pictures of docs/dashboard.md: `PURSIGHT_TEST_PICTURES=1 npx vitest run --project services test/dashboard/pictures`. */
describe.skipIf(process.env['PURSIGHT_TEST_PICTURES'] !== '1')('the pictures of the documents', () => {
  const folder = scratchFolder();
  let hub: HubProcess;
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    hub = await startHubProcess({ dataDir: folder.path, environment: { PURSIGHT_ENV: 'development' } });
    browser = await launchChromium();
    const headers = { 'content-type': 'application/json' };
    for (const [subject, asset] of Object.entries(assets)) {
      const event = { id: subject, type: 'gov.asset.created', subject, data: { asset: { type: 'table', ...asset } } };
      await postCloudEvent(hub.url, 'events', admin, event);
    }
    for (const [from, to] of edges) {
      const edge = { type: 'lineage', lineage: true, from: `urn:gov:demo:${from}`, to: `urn:gov:demo:${to}` };
      await callApi(hub.url, '/v1/relationships', { token: admin, body: JSON.stringify(edge), headers });
    }
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
    folder.remove();
  });

  it('are taken', async () => {
    const { page } = await openDashboard(browser, hub.url, { role: 'steward', viewport: { width: 1200, height: 640 } });
    const take = (name: string): Promise<unknown> => page.screenshot({ path: join(pictures, `${name}.png`) });
    await page.keyboard.press('/');
    await page.keyboard.type('order');
    await eventually(async () => expect(await page.locator('.grid-row').count()).toBe(3));
    await take('catalog');
    await page.goto(`${hub.url}/assets/${encodeURIComponent('urn:gov:demo:orders')}`);
    await page.getByRole('button', { name: /^Edit/ }).click();
    await page.getByLabel('Description').fill('Orders of the shop, one row each. Ask Bruno before you join it.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The source says').waitFor();
    await take('asset');
    await page.goto(`${hub.url}/assets/${encodeURIComponent('urn:gov:demo:orders')}?tab=lineage`);
    await eventually(async () => expect(await page.locator('.graph-node').count()).toBe(4));
    await take('lineage');
    await page.goto(`${hub.url}/inbox`);
    await page.locator('.grid-row').first().focus();
    await page.keyboard.press('x');
    await take('inbox');
  });
});
