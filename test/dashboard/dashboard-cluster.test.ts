import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSeededRandom } from '../../cli/demo/seeded-random.ts';
import { chromiumMissing, launchChromium } from '../harness/chromium.ts';
import { type DashboardPage, openDashboard } from '../harness/dashboard-page.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { createHubCluster } from '../harness/hub-cluster.ts';
import { describeWithServices } from '../setup/services.ts';

const admin = tokenFor({ tenant: 'demo', sub: 'root', roles: ['admin'] });
/** What the table shows of an asset. */
interface ListedAsset {
  readonly name: string;
  readonly type: string;
  readonly platform?: string;
  readonly domain?: string;
  readonly owners: readonly { readonly id: string }[];
  readonly status: string;
}

/** As many as are on the screen at once. */
const assets = 20;
const changes = 200;

describeWithServices(['kafka', 'mongo', 'redis'], 'the dashboard on two nodes', ({ kafka, mongo, redis }) => {
  const name = 'dashboard';
  const cluster = createHubCluster({ kafka, mongo, redis, name });
  const folder = scratchFolder();
  // below the ports from which a browser connects
  const ports = [22_000 + (process.pid % 4000), 26_000 + (process.pid % 4000)] as const;
  const nodes: HubProcess[] = [];
  const open: DashboardPage[] = [];
  let browser: Browser;

  const start = (at: 0 | 1): Promise<HubProcess> =>
    startHubProcess({
      dataDir: folder.path,
      environment: {
        ...cluster.environment,
        ...{ PURSIGHT_ENV: 'development', PURSIGHT_NODE: `n${at}`, PURSIGHT_PORT: String(ports[at]) },
      },
    });
  const urlOf = (at: 0 | 1): string => `http://127.0.0.1:${ports[at]}`;
  let serial = 0;
  async function send(at: 0 | 1, subject: string, asset: object): Promise<void> {
    const event = { id: `c${(serial += 1)}`, type: 'gov.asset.created', subject, data: { asset } };
    const answer = await postCloudEvent(urlOf(at), 'events', admin, event);
    expect(answer).toMatchObject({ status: 200 });
  }
  async function as(role: string, at: 0 | 1): Promise<Page> {
    const opened = await openDashboard(browser, urlOf(at), { role });
    open.push(opened);
    return opened.page;
  }
  const rows = (page: Page): Promise<readonly string[]> =>
    page
      .locator('.grid-row')
      .evaluateAll((elements) => elements.map((row) => Array.from(row.children, (cell) => cell.textContent).join('|')));
  /** The same by REST, sorted by name as the table is. */
  async function wanted(at: 0 | 1, role: string): Promise<readonly string[]> {
    const token = tokenFor({ tenant: 'demo', roles: [role] });
    const { body } = await callApi(urlOf(at), '/v1/assets?sort=name&limit=100', { token });
    const { assets: found } = body as { assets: readonly { asset: ListedAsset }[] };
    return found.map(({ asset: { name: title, type, platform = '', domain = '', owners, status } }) =>
      [title, type, platform, domain, owners.map(({ id }) => id).join(''), '', status].join('|'),
    );
  }

  beforeAll(async () => {
    if (chromiumMissing !== undefined) throw new Error(chromiumMissing);
    browser = await launchChromium();
    nodes.push(await start(0), await start(1));
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all(nodes.map((node) => node.stop()));
    await cluster.dispose();
    folder.remove();
  });

  it('U8: what a steward says on one node is on the screen of the other', async () => {
    await send(0, 'orders', { type: 'table', name: 'orders' });
    const [one, two] = [await as('steward', 0), await as('admin', 1)];
    for (const page of [one, two]) {
      await page.goto(`${new URL(page.url()).origin}/assets/${encodeURIComponent('urn:gov:demo:orders')}`);
      await page.getByRole('heading', { name: 'orders' }).waitFor();
    }
    await one.getByRole('button', { name: /^Edit/ }).click();
    await one.getByLabel('Description').fill('Orders of the shop');
    await one.getByRole('button', { name: 'Save' }).click();
    await two.getByText('Orders of the shop').waitFor();
  });

  it('U3 U5: after random changes, with a node killed between, the table says what REST says', async () => {
    const random = createSeededRandom(7);
    const [steward, viewer] = [await as('steward', 0), await as('viewer', 0)];
    for (let step = 0; step < changes; step += 1) {
      if (step === 80) await nodes[0]?.stop('SIGKILL');
      if (step === 120) nodes[0] = await start(0);
      await send(1, `a${random.below(assets)}`, {
        ...{ type: 'table', name: `asset_${random.below(assets)}`, domain: `d${random.below(3)}`, platform: 'hive' },
        owners: [{ id: `o${random.below(4)}` }],
        status: random.below(5) === 0 ? 'deprecated' : 'active',
      });
    }
    for (const [page, role] of [
      [steward, 'steward'],
      [viewer, 'viewer'],
    ] as const) {
      await page.getByText('live', { exact: true }).waitFor({ timeout: 60_000 });
      await eventually(async () => expect(await rows(page)).toEqual(await wanted(1, role)), { timeoutMs: 30_000 });
    }
    expect(open.flatMap(({ faults }) => faults.filter((fault) => !fault.includes('WebSocket')))).toEqual([]);
  });
});
