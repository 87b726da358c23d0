import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumMissing, launchChromium } from '../harness/chromium.ts';
import { type DashboardPage, openDashboard, signInLink } from '../harness/dashboard-page.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { startPrefixProxy } from '../harness/prefix-proxy.ts';
import { type HubProcess, scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const artifacts = join(root, 'test/artifacts/dashboard');
const admin = tokenFor({ tenant: 'demo', roles: ['admin'] });
const screens = { assets: 'Catalog', inbox: 'Inbox', live: 'Live', ops: 'Operations', settings: 'Settings' } as const;
const hidden = 'canary-9f1c';

describe.skipIf(chromiumMissing !== undefined && process.env['CI'] !== 'true')('dashboard', () => {
  const folder = scratchFolder();
  let hub: HubProcess;
  let browser: Browser;
  let open: DashboardPage[] = [];
  let serial = 0;

  async function send(subject: string, asset: object): Promise<void> {
    const event = { id: `d${++serial}`, type: 'gov.asset.created', subject, data: { asset } };
    expect(await postCloudEvent(hub.url, 'events', admin, event)).toMatchObject({ status: 200 });
  }
  async function as(role: string, more: object = {}): Promise<Page> {
    const opened = await openDashboard(browser, hub.url, { role, ...more });
    open.push(opened);
    return opened.page;
  }
  const names = (page: Page): Promise<readonly string[]> =>
    page.locator('[role=grid] .grid-row [role=gridcell]:first-child bdi:first-child').allTextContents();
  const result = (page: Page): Promise<string | null> => page.locator('.result-line').textContent();

  beforeAll(async () => {
    if (chromiumMissing !== undefined) throw new Error(chromiumMissing);
    mkdirSync(artifacts, { recursive: true });
    hub = await startHubProcess({ dataDir: folder.path, environment: { PURSIGHT_ENV: 'development' } });
    browser = await launchChromium();
    await send('orders', { type: 'table', name: 'orders', domain: 'retail', platform: 'snowflake' });
    await send('customers', {
      type: 'table',
      name: 'customers',
      domain: 'retail',
      description: hidden,
      owners: [{ id: 'ada' }],
      columns: [
        { name: 'id', type: 'int' },
        { name: 'mail', classifications: [{ scheme: 'pii', name: 'email', state: 'suggested', origin: 'automated' }] },
      ],
    });
  });
  afterEach(async () => {
    const faults = open.flatMap((each) => each.faults);
    for (const { context } of open) await context.close();
    open = [];
    expect(faults).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await hub?.stop();
    folder.remove();
  });

  it('U3: finds while somebody types, and the result stays true afterwards; all by keyboard', async () => {
    const page = await as('steward');
    await eventually(async () => expect(await names(page)).toEqual(['customers', 'orders']));
    await page.keyboard.press('/');
    await page.keyboard.type('order');
    await eventually(async () => expect(await result(page)).toBe('1 asset, live'));
    expect(new URL(page.url()).searchParams.get('q')).toBe('order');
    await send('orders2', { type: 'view', name: 'orders_by_day', domain: 'finance' });
    await eventually(async () => expect(await names(page)).toEqual(['orders', 'orders_by_day']));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('j');
    await eventually(async () => expect(await page.locator(':focus').textContent()).toContain('orders_by_day'));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'orders_by_day' }).waitFor();
    await send('orders2', { type: 'view', name: 'orders_by_day', description: 'One row a day.' });
    await page.getByText('One row a day.').waitFor();
    await page.goBack();
    await eventually(async () => expect(await page.locator('[data-query]').inputValue()).toBe('order'));
  });

  it('U3: facets narrow, chips widen, and the address keeps both over a reload', async () => {
    const page = await as('steward');
    await page.getByRole('button', { name: /^finance/ }).click();
    await eventually(async () => expect(await names(page)).toEqual(['orders_by_day']));
    await page.reload();
    await eventually(async () => expect(await names(page)).toEqual(['orders_by_day']));
    await page.getByRole('button', { name: 'Remove domain: finance' }).click();
    await page.getByRole('button', { name: 'No owner' }).click();
    await eventually(async () => expect(await names(page)).toEqual(['orders', 'orders_by_day']));
    expect(new URL(page.url()).search).toBe('?gap=no-owner');
  });

  it('an address that makes no sense is passed over, whoever wrote it', async () => {
    const page = await as('steward');
    for (const search of ['?f={"type":{"a":1}}', '?f=["x"]&sort=__proto__&q=["a"]', '?gap=nothing&sort=owners']) {
      await page.goto(`${hub.url}/assets${search}`);
      await eventually(async () => expect(await names(page)).toContain('orders'));
    }
    await page.goto(`${hub.url}/assets/${encodeURIComponent('urn:gov:demo:orders')}?tab=nothing`);
    await page.getByRole('tab', { name: 'Overview', selected: true }).waitFor();
  });

  it('U4: a viewer holds nothing that it may not see: not in the page, not in a storage, not in memory', async () => {
    const page = await as('viewer');
    await eventually(async () => expect(await names(page)).toEqual(['orders', 'orders_by_day']));
    await page.goto(`${hub.url}/assets/${encodeURIComponent('urn:gov:demo:customers')}`);
    await page.getByText('It does not exist, or you may not see it.').waitFor();
    const kept = await page.evaluate(async () =>
      JSON.stringify([
        document.documentElement.outerHTML,
        Object.entries(localStorage),
        Object.entries(sessionStorage),
        await indexedDB.databases(),
        document.cookie,
      ]),
    );
    expect(kept).not.toMatch(new RegExp(`${hidden}|eyJ`));
    expect(await heapText(page)).not.toContain(hidden);
  });

  it('U4: after a change of role nothing of the one before is left', async () => {
    const page = await as('steward');
    await page.goto(`${hub.url}/assets/${encodeURIComponent('urn:gov:demo:customers')}`);
    await page.getByText(hidden).waitFor();
    await page.getByLabel('Role').selectOption('viewer');
    await page.getByText('It does not exist, or you may not see it.').waitFor();
    expect(await page.content()).not.toContain(hidden);
    await page.evaluate('globalThis.gc?.()');
    await eventually(async () => expect(await heapText(page)).not.toContain(hidden), { timeoutMs: 10_000 });
  });

  it('U8: a steward edits by keyboard alone, everybody sees it, the source does not undo it, and undo does', async () => {
    const [page, other] = [await as('steward'), await as('admin')];
    for (const each of [page, other]) {
      await each.goto(`${hub.url}/assets/${encodeURIComponent('urn:gov:demo:orders')}`);
      await each.getByRole('heading', { name: 'orders' }).waitFor();
    }
    await page.getByRole('button', { name: /^Edit/ }).waitFor();
    await page.keyboard.press('e');
    await page.getByLabel('Description').waitFor();
    await page.keyboard.type('Orders of the shop');
    await page.getByLabel('Owners').focus();
    await page.keyboard.type('ada');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Saved.').waitFor();
    for (const each of [page, other]) await each.getByText('Orders of the shop').waitFor();
    await send('orders', { type: 'table', name: 'orders', domain: 'retail', description: 'tbl_orders' });
    await other.getByText('The source says: tbl_orders').waitFor();
    expect(await other.getByText('Orders of the shop').count()).toBe(1);
    await page.keyboard.press('z');
    await page.getByText('Undone.').waitFor();
    await other.getByText('Orders of the shop').waitFor({ state: 'detached' });
  });

  it('U8: two who edit lose no word: what differs is merged, what collides is asked', async () => {
    await send('shared', { type: 'table', name: 'shared', description: 'as it was' });
    const [one, two] = [await as('steward'), await as('admin')];
    for (const each of [one, two]) {
      await each.goto(`${hub.url}/assets/${encodeURIComponent('urn:gov:demo:shared')}`);
      await each.getByRole('button', { name: /^Edit/ }).click();
      await each.getByLabel('Description').waitFor();
    }
    await one.getByLabel('Description').fill('words of one');
    await one.getByRole('button', { name: 'Save' }).click();
    await one.getByText('Saved.').waitFor();
    await two.getByText('Changed meanwhile to').waitFor();
    await two.getByLabel('Domain').fill('finance');
    await two.getByLabel('Description').fill('words of two');
    await two.getByRole('button', { name: 'Save' }).click();
    await two.getByText('Somebody else has changed this to “words of one”').waitFor();
    expect(await two.getByLabel('Domain').inputValue()).toBe('finance');
    await two.getByRole('button', { name: 'take theirs' }).click();
    await two.getByRole('button', { name: 'Save' }).click();
    await two.getByText('Saved.').waitFor();
    for (const each of [one, two]) {
      await each.getByText('words of one').waitFor();
      await each.getByText('finance').waitFor();
    }
  });

  it('U8: undo leaves nothing behind, and what is in a field when it is saved is saved', async () => {
    const owners = [{ id: 'team-x', type: 'group', role: 'steward' }];
    await send('undone', { type: 'table', name: 'undone', owners });
    const page = await as('steward');
    const asset = `/assets/${encodeURIComponent('urn:gov:demo:undone')}`;
    await page.goto(hub.url + asset);
    await page.getByRole('button', { name: /^Edit/ }).click();
    await page.getByLabel('Description').fill('first words');
    await page.getByLabel('Remove team-x').click();
    await page.getByLabel('Owners').fill('carol');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Saved.').waitFor();
    await page.getByText('carol').waitFor();
    await page.keyboard.press('z');
    await page.getByText('Undone.').waitFor();
    const answer = await fetch(`${hub.url}/v1${asset}`, { headers: { authorization: `Bearer ${admin}` } });
    const undone = (await answer.json()) as object;
    expect(undone).toMatchObject({ owners });
    expect(undone).not.toHaveProperty('description');
    expect(undone).not.toHaveProperty('curated');
  });

  it('U8: nobody leaves what is not saved without being asked', async () => {
    const opened = await openDashboard(browser, hub.url, { role: 'steward' });
    const { page } = opened;
    await page.goto(`${hub.url}/assets/${encodeURIComponent('urn:gov:demo:orders')}`);
    await page.getByRole('button', { name: /^Edit/ }).click();
    await page.getByLabel('Description').fill('half a sen');
    for (const leave of ['Columns', 'History']) await page.getByRole('tab', { name: leave }).click();
    await page.getByRole('link', { name: 'Live' }).click();
    await page.goBack({ timeout: 500 }).catch(() => null);
    expect(await page.getByLabel('Description').inputValue()).toBe('half a sen');
    expect(opened.faults).toHaveLength(4);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: 'Live' }).click();
    await page.getByRole('heading', { name: 'Live' }).waitFor();
    // the words of the last one, for a page that is left altogether, are the browser's own
    const asked = expect.stringContaining('dialog: Leave without saving?');
    expect(opened.faults).toEqual([asked, asked, asked, 'dialog: ']);
    await opened.context.close();
  });

  it('U9: suggestions are decided by keyboard, and do not come back with the next scan', async () => {
    const scanned = (name: string): object => ({
      ...{ type: 'table', name },
      columns: ['mail', 'tel', 'city'].map((column) => ({
        name: column,
        classifications: [{ scheme: 'pii', name: column, state: 'suggested', origin: 'automated' }],
      })),
    });
    await send('scan', scanned('scan'));
    const page = await as('steward');
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    const rows = page.locator('.grid-row').filter({ hasText: 'scan' });
    await eventually(async () => expect(await rows.count()).toBe(3));
    await page.getByLabel('Reason').fill('known by all');
    await rows.first().focus();
    await page.keyboard.press('a');
    await page.getByText('1 approved.').waitFor();
    expect(await page.getByLabel('Reason').inputValue()).toBe('');
    const scanUrl = `${hub.url}/v1/assets/${encodeURIComponent('urn:gov:demo:scan')}`;
    const decided = await fetch(scanUrl, { headers: { authorization: `Bearer ${admin}` } });
    expect(await decided.text()).toContain('"reason":"known by all"');
    await eventually(async () => expect(await rows.count()).toBe(2));
    for (const at of [0, 1]) await rows.nth(at).getByRole('checkbox').check();
    await page.getByLabel('Reason').fill('test data');
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('2 rejected.').waitFor();
    await eventually(async () => expect(await rows.count()).toBe(0));
    await send('scan', scanned('scan'));
    await send('scan2', scanned('scan2'));
    await eventually(async () => expect(await rows.count()).toBe(3));
    expect(await rows.filter({ hasText: 'scan2' }).count()).toBe(3);
  });

  it('U8: a column is described and classified by keyboard, and a viewer loses the asset at once', async () => {
    await send('ledger', {
      type: 'table',
      name: 'ledger',
      columns: [{ name: 'iban', type: 'varchar' }, { name: 'sum' }],
    });
    const [page, viewer] = [await as('steward'), await as('viewer')];
    const path = `/assets/${encodeURIComponent('urn:gov:demo:ledger')}`;
    await viewer.goto(hub.url + path);
    await viewer.getByRole('heading', { name: 'ledger' }).waitFor();
    await page.goto(`${hub.url}${path}?tab=columns`);
    await page.locator('.grid-row').first().focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Description').waitFor();
    await page.keyboard.type('Account of the customer');
    await page.getByRole('button', { name: 'Save description' }).click();
    await page.getByText('Saved.').waitFor();
    await page.getByLabel('Classification', { exact: true }).fill('pii/iban');
    await page.keyboard.press('Enter');
    await page.getByText('pii/iban added.').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.locator(':focus').textContent()).toContain('iban');
    const row = page.locator('.grid-row').first();
    await eventually(async () => expect(await row.textContent()).toContain('pii/ibanAccount of the customer'));
    await viewer.getByText('It does not exist, or you may not see it.').waitFor();
    expect(await viewer.content()).not.toContain('ledger');
  });

  it('offers nobody what the hub would refuse', async () => {
    const page = await as('viewer');
    const links = page.getByRole('navigation', { name: 'Screens' }).getByRole('link');
    await eventually(async () => expect(await links.allTextContents()).toEqual(['Catalog', 'Live', 'Settings']));
    await page.goto(`${hub.url}/assets/${encodeURIComponent('urn:gov:demo:orders')}`);
    await page.getByRole('heading', { name: 'orders' }).waitFor();
    expect(await page.getByRole('button', { name: /^Edit/ }).count()).toBe(0);
  });

  it('U5: goes on by itself when the hub was away, and shows from when it is meanwhile', async () => {
    const own = scratchFolder();
    // below the ports from which a browser connects: one that tries and tries may meet itself on another
    const port = String(21_000 + (process.pid % 9000));
    const options = { dataDir: own.path, environment: { PURSIGHT_ENV: 'development', PURSIGHT_PORT: port } };
    const first = await startHubProcess(options);
    const opened = await openDashboard(browser, first.url, { role: 'steward' });
    await first.stop('SIGKILL');
    await opened.page.getByText(/^reconnecting, as of/).waitFor();
    const second = await startHubProcess(options);
    const event = {
      id: 'late',
      type: 'gov.asset.created',
      subject: 'late',
      data: { asset: { type: 'table', name: 'late' } },
    };
    await postCloudEvent(second.url, 'events', admin, event);
    await eventually(async () => expect(await names(opened.page)).toEqual(['late']), { timeoutMs: 30_000 });
    await opened.context.close();
    await second.stop();
    own.remove();
  });

  it('a window whose role is gone works with the usual one, and one whose session is gone signs out', async () => {
    const page = await as('steward');
    await page.evaluate("sessionStorage.setItem('pursight.role', 'gone')");
    await page.reload();
    await page.getByText('live', { exact: true }).waitFor();
    expect(await page.getByLabel('Role').inputValue()).toBe('steward');
    await page.context().clearCookies();
    await page.getByLabel('Role').selectOption('viewer');
    await page.getByLabel('Token').waitFor();
    expect(await page.locator('.grid-row').count()).toBe(0);
  });

  it('of more than a table may hold the first hundred are shown', async () => {
    const own = scratchFolder();
    const environment = { PURSIGHT_ENV: 'development', PURSIGHT_MAX_VIEW_ENTITIES: '100' };
    const small = await startHubProcess({ dataDir: own.path, environment });
    const events = Array.from({ length: 101 }, (_, index) => ({
      ...{ specversion: '1.0', source: '/test', id: `m${index}`, type: 'gov.asset.created', subject: `m${index}` },
      data: { asset: { type: index === 0 ? 'view' : 'table', name: `many ${index}` } },
    }));
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    await callApi(small.url, '/v1/ingest/events', { token: admin, body: JSON.stringify(events), headers });
    const opened = await openDashboard(browser, small.url, { role: 'steward' });
    open.push(opened);
    await opened.page.getByText('The first 100 of 101.').waitFor();
    await opened.page.getByRole('button', { name: /^table/ }).click();
    await eventually(async () => expect(await result(opened.page)).toBe('100 assets, live'));
    await opened.page.getByText('The first').waitFor({ state: 'detached' });
    await small.stop();
    own.remove();
  });

  it('works below a path of a proxy', async () => {
    const own = scratchFolder();
    const port = String(25_000 + (process.pid % 5000));
    const publicUrl = `http://127.0.0.1:${Number(port) + 1}/pursight`;
    const behind = await startHubProcess({
      dataDir: own.path,
      environment: { PURSIGHT_ENV: 'development', PURSIGHT_PORT: port, PURSIGHT_PUBLIC_URL: publicUrl },
    });
    const proxy = await startPrefixProxy(Number(port) + 1, '/pursight', Number(port));
    const opened = await openDashboard(browser, publicUrl, { role: 'steward' });
    open.push(opened);
    const event = {
      id: 'p1',
      type: 'gov.asset.created',
      subject: 'p1',
      data: { asset: { type: 'table', name: 'p1' } },
    };
    await postCloudEvent(behind.url, 'events', admin, event);
    await eventually(async () => expect(await names(opened.page)).toEqual(['p1']));
    expect(new URL(opened.page.url()).pathname).toBe('/pursight/assets');
    await opened.page.reload();
    await eventually(async () => expect(await names(opened.page)).toEqual(['p1']));
    await proxy.close();
    await behind.stop();
    own.remove();
  });

  it('the link works once, and what is wrong is said', async () => {
    const link = signInLink(hub.url, 'steward');
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(link);
    await page.getByRole('heading', { name: 'Catalog' }).waitFor({ state: 'attached' });
    expect(page.url()).not.toContain('code');
    await context.clearCookies();
    await page.goto('about:blank');
    await page.goto(link);
    expect(await page.getByRole('alert').textContent()).toContain('it works once');
    await page.getByLabel('Token').fill(tokenFor({ tenant: 'demo', roles: ['steward'] }));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('live', { exact: true }).waitFor();
    await context.close();
  });

  it('U6: hostile texts are texts on every screen', async () => {
    const evil =
      '<img src=x onerror=alert(1)>"\'`{{7*7}}${alert(1)}javascript:alert(1)\u202Etxt.exe</script><svg onload=alert(1)>';
    await send('evil', {
      ...{ type: evil, name: evil, description: evil, domain: evil, platform: evil },
      owners: [{ id: evil }],
      terms: [evil],
      columns: [{ name: evil, type: evil, description: evil }],
      properties: { [evil]: evil },
    });
    const page = await as('admin');
    await eventually(async () => expect(await names(page)).toContain(evil));
    await page.goto(`${hub.url}/assets/${encodeURIComponent('urn:gov:demo:evil')}`);
    await page.getByRole('heading', { name: evil }).waitFor();
    for (const tab of ['Columns', 'Lineage', 'History']) await page.getByRole('tab', { name: tab }).click();
    for (const path of Object.keys(screens)) {
      await page.goto(`${hub.url}/${path}`);
      await page.locator('h1').first().waitFor({ state: 'attached' });
    }
  });

  for (const theme of ['light', 'dark'] as const) {
    it(`U7: every screen is accessible, ${theme}`, async () => {
      const page = await as('admin', { theme });
      const paths = [...Object.keys(screens), `assets/${encodeURIComponent('urn:gov:demo:customers')}`];
      for (const path of paths) {
        await page.goto(`${hub.url}/${path}`);
        await page.locator('main h1').first().waitFor({ state: 'attached' });
        await eventually(async () => expect(await page.locator('[aria-busy=true]').count()).toBe(0));
        expect([path, await violations(page)]).toEqual([path, []]);
        for (const width of [1440, 768, 360]) {
          await page.setViewportSize({ width, height: 900 });
          const name = path.replaceAll(/[^\w-]+/g, '-');
          await page.screenshot({ path: join(artifacts, `${name}-${theme}-${width}.png`) });
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect([path, width, overflow <= 0]).toEqual([path, width, true]);
        }
        await page.setViewportSize({ width: 1440, height: 900 });
      }
      await page.getByRole('button', { name: /^Edit/ }).click();
      await page.getByLabel('Description').waitFor();
      expect(['edit', await violations(page)]).toEqual(['edit', []]);
      await page.getByRole('button', { name: 'Cancel' }).click();
      for (const tab of ['Lineage', 'History', 'Columns']) {
        await page.getByRole('tab', { name: tab }).click();
        await eventually(async () => expect(await page.locator('[aria-busy=true]').count()).toBe(0));
        expect([tab, await violations(page)]).toEqual([tab, []]);
      }
      await page.locator('.grid-row').last().click();
      await page.getByRole('dialog').waitFor();
      expect(['column', await violations(page)]).toEqual(['column', []]);
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Command or asset' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.type('settings');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Settings' }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Token').waitFor();
      expect(['sign-in', await violations(page)]).toEqual(['sign-in', []]);
    });
  }

  it('lists what an operator needs, live; keys pressed before the rights are known count', async () => {
    const page = await as('admin');
    let asked = 0;
    await page.route('**/v1/me', (route) => ((asked += 1) === 1 ? route.abort() : route.continue()));
    await page.reload();
    await page.getByRole('link', { name: 'Settings' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
    await postCloudEvent(hub.url, 'events', admin, { id: 'bad', type: 'gov.asset.created', subject: 'x', data: 7 });
    const row = page.getByRole('row').filter({ hasText: 'invalid-message' });
    await row.getByRole('button', { name: 'Discard' }).click();
    await eventually(async () => expect(await row.count()).toBe(0));
  });
});

/** What axe finds, in short. */
async function violations(page: Page): Promise<readonly string[]> {
  // put in by the debugger: the page itself would not load it
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })');
  const { violations: all } = found as {
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  };
  return all.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

/** All strings in the memory of the page. */
async function heapText(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const chunks: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  return chunks.join('');
}
