import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openDashboard, signInLink } from '../harness/dashboard-page.ts';
import { dashboardWorld, demoAdmin, isWithoutBrowser, hidden } from '../harness/dashboard-world.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { startPrefixProxy } from '../harness/prefix-proxy.ts';
import { scratchFolder, startHubProcess, tokenFor } from '../harness/hub-process.ts';
import { expectScreen, violations } from '../harness/screen-check.ts';

const screens = {
  assets: 'Catalog',
  concepts: 'Concepts',
  inbox: 'Inbox',
  live: 'Live',
  ops: 'Operations',
  api: 'API',
  settings: 'Settings',
} as const;

const names = (page: Page): Promise<readonly string[]> =>
  page.locator('[role=grid] .grid-row [role=gridcell]:first-child bdi:first-child').allTextContents();
const result = (page: Page): Promise<string | null> => page.locator('.result-line').textContent();

describe.skipIf(isWithoutBrowser)('dashboard', () => {
  const world = dashboardWorld();

  it('U3: finds while somebody types, and the result stays true afterwards; all by keyboard', async () => {
    const page = await world.as('steward');
    await eventually(async () => expect(await names(page)).toEqual(['customers', 'orders']));
    await page.keyboard.press('/');
    await page.keyboard.type('order');
    await eventually(async () => expect(await result(page)).toBe('1 asset, live'));
    expect(new URL(page.url()).searchParams.get('q')).toBe('order');
    await world.send('orders2', { type: 'view', name: 'orders_by_day', domain: 'finance' });
    await eventually(async () => expect(await names(page)).toEqual(['orders', 'orders_by_day']));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('j');
    await eventually(async () => expect(await page.locator(':focus').textContent()).toContain('orders_by_day'));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'orders_by_day' }).waitFor();
    await world.send('orders2', { type: 'view', name: 'orders_by_day', description: 'One row a day.' });
    await page.getByText('One row a day.').waitFor();
    await page.goBack();
    await eventually(async () => expect(await page.locator('[data-query]').inputValue()).toBe('order'));
  });

  it('U3: facets narrow, chips widen, and the address keeps both over a reload', async () => {
    const page = await world.as('steward');
    await page.getByRole('button', { name: /^finance/ }).click();
    await eventually(async () => expect(await names(page)).toEqual(['orders_by_day']));
    await page.reload();
    await eventually(async () => expect(await names(page)).toEqual(['orders_by_day']));
    await page.getByRole('button', { name: 'Remove domain: finance' }).click();
    await page.getByRole('button', { name: 'No owner' }).click();
    await eventually(async () => expect(await names(page)).toEqual(['orders', 'orders_by_day']));
    expect(new URL(page.url()).search).toBe('?gap=no-owner');
  });

  it('U15: views are kept by keyboard, for their owner alone, in every window and not in the browser', async () => {
    const [page, other] = [await world.as('steward'), await world.as('steward')];
    await page.goto(`${world.hub.url}/assets?q=customers&cols=["domain"]`);
    await page.getByLabel('Name of this view').focus();
    await page.keyboard.type('The customers');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'The customers', exact: true }).waitFor();
    await other.goto(`${world.hub.url}/assets?gap=no-owner`);
    await other.getByLabel('Name of this view').fill('Nobody');
    await other.keyboard.press('Enter');
    await other.getByRole('button', { name: 'The customers', exact: true }).focus();
    await other.keyboard.press('Enter');
    await eventually(async () => expect(await names(other)).toEqual(['customers']));
    expect(decodeURIComponent(new URL(other.url()).search)).toBe('?q=customers&cols=["domain"]');
    await expectScreen(other, 'own-views');
    const kept = await other.evaluate(() =>
      JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
    );
    expect(kept).not.toContain('customers');
    await page.getByRole('button', { name: 'Forget The customers' }).click();
    await page.getByRole('button', { name: 'The customers', exact: true }).waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: 'Nobody', exact: true }).count()).toBe(1);
    const viewer = await world.as('viewer');
    await viewer.getByText('Search or narrow the list to keep it here.').waitFor();
  });

  it('U3: columns are chosen by keyboard and stay in the address, rows are as high as one likes', async () => {
    const page = await world.as('steward');
    const titles = (): Promise<readonly string[]> => page.locator('[role=columnheader]').allTextContents();
    await eventually(async () => expect(await titles()).toContain('Platform'));
    await page.getByText('Columns', { exact: true }).focus();
    await page.keyboard.press('Enter');
    for (const name of ['Platform', 'Owner', 'Status', 'Type']) {
      await page.getByRole('checkbox', { name }).focus();
      await page.keyboard.press('Space');
    }
    const chosen = ['Name ↑', 'Domain', 'Classifications'];
    await eventually(async () => expect(await titles()).toEqual(chosen));
    await expectScreen(page, 'columns');
    const row = page.locator('.grid-row').first();
    const heights = [(await row.boundingBox())?.height];
    await page.getByRole('radio', { name: 'roomy' }).check();
    heights.push((await row.boundingBox())?.height);
    expect(heights).toEqual([34, 42]);
    await page.setViewportSize({ width: 360, height: 900 });
    await page.reload();
    await eventually(async () => expect(await titles()).toEqual(chosen));
    await page.getByText('Columns', { exact: true }).click();
    await page.getByRole('button', { name: 'Fit to width' }).click();
    expect(new URL(page.url()).search).toBe('');
  });

  it('an address that makes no sense is passed over, whoever wrote it', async () => {
    const page = await world.as('steward');
    for (const search of ['?f={"type":{"a":1}}', '?f=["x"]&sort=__proto__&q=["a"]', '?gap=nothing&sort=owners']) {
      await page.goto(`${world.hub.url}/assets${search}`);
      await eventually(async () => expect(await names(page)).toContain('orders'));
    }
    await page.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:orders')}?tab=nothing`);
    await page.getByRole('tab', { name: 'Overview', selected: true }).waitFor();
  });

  it('U4: a viewer holds nothing that it may not see: not in the page, not in a storage, not in memory', async () => {
    const page = await world.as('viewer');
    await eventually(async () => expect(await names(page)).toEqual(['orders', 'orders_by_day']));
    await page.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:customers')}`);
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
    const page = await world.as('steward');
    await page.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:customers')}`);
    await page.getByText(hidden).waitFor();
    for (const tab of ['Lineage', 'History', 'Overview']) await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('button', { name: 'Look back' }).click();
    await page.getByRole('slider').waitFor();
    await page.getByText(hidden).waitFor();
    await page.getByLabel('Role').selectOption('viewer');
    await page.getByText('It does not exist, or you may not see it.').waitFor();
    expect(await page.content()).not.toContain(hidden);
    await page.evaluate('globalThis.gc?.()');
    await eventually(async () => expect(await heapText(page)).not.toContain(hidden), { timeoutMs: 10_000 });
  });

  it('U5: goes on by itself when the hub was away, and shows from when it is meanwhile', async () => {
    const own = scratchFolder();
    // below the ports from which a browser connects: one that tries and tries may meet itself on another
    const port = String(21_000 + (process.pid % 9000));
    const options = { dataDir: own.path, environment: { PURSIGHT_ENV: 'development', PURSIGHT_PORT: port } };
    const first = await startHubProcess(options);
    const opened = await openDashboard(world.browser, first.url, { role: 'steward' });
    await first.stop('SIGKILL');
    await opened.page.getByText(/^reconnecting, as of/).waitFor();
    const second = await startHubProcess(options);
    const event = {
      id: 'late',
      type: 'gov.asset.created',
      subject: 'late',
      data: { asset: { type: 'table', name: 'late' } },
    };
    await postCloudEvent(second.url, 'events', demoAdmin, event);
    await eventually(async () => expect(await names(opened.page)).toEqual(['late']), { timeoutMs: 30_000 });
    await opened.context.close();
    await second.stop();
    own.remove();
  });

  it('a window whose role is gone works with the usual one, and one whose session is gone signs out', async () => {
    const page = await world.as('steward');
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
    await callApi(small.url, '/v1/ingest/events', { token: demoAdmin, body: JSON.stringify(events), headers });
    const opened = await openDashboard(world.browser, small.url, { role: 'steward' });
    world.open.push(opened);
    await opened.page.getByText('The first 100 of 101.').waitFor();
    await opened.page.getByRole('button', { name: /^table/ }).click();
    await eventually(async () => expect(await result(opened.page)).toBe('100 assets, live'));
    await opened.page.getByText('The first').waitFor({ state: 'detached' });
    await small.stop();
    own.remove();
  });

  it('signing out in one window signs the others out', async () => {
    const page = await world.as('steward');
    const second = await page.context().newPage();
    await second.goto(world.hub.url);
    await second.getByText('live', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await second.getByLabel('Token').waitFor();
    await second.reload();
    await second.getByLabel('Token').waitFor();
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
    const opened = await openDashboard(world.browser, publicUrl, { role: 'steward' });
    world.open.push(opened);
    const event = {
      id: 'p1',
      type: 'gov.asset.created',
      subject: 'p1',
      data: { asset: { type: 'table', name: 'p1' } },
    };
    await postCloudEvent(behind.url, 'events', demoAdmin, event);
    await eventually(async () => expect(await names(opened.page)).toEqual(['p1']));
    expect(new URL(opened.page.url()).pathname).toBe('/pursight/assets');
    await opened.page.reload();
    await eventually(async () => expect(await names(opened.page)).toEqual(['p1']));
    // a page that is left open reports in its console that nobody answers
    await opened.context.close();
    await proxy.close();
    await behind.stop();
    own.remove();
  });

  it('the link works once, and what is wrong is said', async () => {
    const link = signInLink(world.hub.url, 'steward');
    const context = await world.browser.newContext();
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
    await world.send('evil', {
      ...{ type: evil, name: evil, description: evil, domain: evil, platform: evil },
      owners: [{ id: evil }],
      terms: [evil],
      columns: [{ name: evil, type: evil, description: evil }],
      properties: { [evil]: evil },
    });
    const page = await world.as('admin');
    await eventually(async () => expect(await names(page)).toContain(evil));
    await page.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:evil')}`);
    await page.getByRole('heading', { name: evil }).waitFor();
    for (const tab of ['Columns', 'Lineage', 'History', 'Overview']) await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('button', { name: 'Look back' }).click();
    await page.getByRole('slider').waitFor();
    await page.getByRole('link', { name: evil }).first().click();
    await page.getByText('Nobody has defined this domain').waitFor();
    await page.reload();
    await page.locator('.concept .grid-row').filter({ hasText: evil }).waitFor();
    await page.getByRole('link', { name: 'Define it' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('dialog', { name: `Delete ${evil}` }).waitFor();
    for (const path of Object.keys(screens)) {
      await page.goto(`${world.hub.url}/${path}`);
      await page.locator('h1').first().waitFor({ state: 'attached' });
    }
  });

  for (const theme of ['light', 'dark'] as const) {
    it(`U7: every screen is accessible, ${theme}`, async () => {
      const page = await world.as('admin', { theme });
      const paths = [...Object.keys(screens), `assets/${encodeURIComponent('urn:gov:demo:customers')}`];
      for (const path of paths) {
        await page.goto(`${world.hub.url}/${path}`);
        await page.locator('main h1').first().waitFor({ state: 'attached' });
        await expectScreen(page, `${path.replaceAll(/[^\w-]+/g, '-')}-${theme}`);
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

  it('U10: the API is found, read, copied and tried, by keyboard too; the address keeps what is shown', async () => {
    const page = await world.as('steward');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.getByRole('heading', { name: 'What there is' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('list assets');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'List assets' }).waitFor();
    expect(new URL(page.url()).search).toBe('?show=listAssets');
    await page.getByLabel('fields query').fill('urn,name');
    await page.getByRole('button', { name: 'Copy command' }).click();
    await page.getByText('Copied').waitFor();
    const command: unknown = await page.evaluate('navigator.clipboard.readText()');
    expect(command).toContain(`curl -s '${world.hub.url}/v1/assets?`);
    expect(command).toContain('fields=urn%2Cname&limit=20');
    expect(command).toContain('Bearer $TOKEN');
    expect(await page.content()).not.toContain('eyJ');
    await page.getByRole('button', { name: 'Send it as you' }).click();
    const answer = page.getByRole('region', { name: 'Answer', exact: true });
    await eventually(async () => expect(await answer.textContent()).toContain('"urn:gov:demo:customers"'));
    await page.reload();
    await page.getByRole('heading', { name: 'List assets' }).waitFor();
    for (const [show, heading] of [
      ['patchAsset', 'Change what people say'],
      ['message:welcome', 'Event welcome'],
      ['schema:Asset', 'Asset'],
    ]) {
      await page.goto(`${world.hub.url}/api?show=${show}`);
      await page
        .locator('.api-shown h2')
        .filter({ hasText: heading ?? '' })
        .first()
        .waitFor();
      await expectScreen(page, `api-${show?.replace(':', '-')}`);
    }
    await page.goto(`${world.hub.url}/api?show=nothing`);
    await page.getByRole('heading', { name: 'What there is' }).waitFor();
  });

  it('lists what an operator needs, live; keys pressed before the rights are known count', async () => {
    const page = await world.as('admin');
    let asked = 0;
    await page.route('**/v1/me', (route) => ((asked += 1) === 1 ? route.abort() : route.continue()));
    await page.reload();
    await page.getByRole('link', { name: 'Settings' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.getByRole('heading', { name: 'Dead letters' }).waitFor();
    await postCloudEvent(world.hub.url, 'events', demoAdmin, {
      id: 'bad',
      type: 'gov.asset.created',
      subject: 'x',
      data: 7,
    });
    const row = page.getByRole('row').filter({ hasText: 'invalid-message' });
    await row.getByRole('button', { name: 'Discard' }).click();
    await eventually(async () => expect(await row.count()).toBe(0));
  });
});

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
