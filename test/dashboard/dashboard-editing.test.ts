import { describe, expect, it } from 'vitest';
import { openDashboard } from '../harness/dashboard-page.ts';
import { dashboardWorld, demoAdmin, isWithoutBrowser } from '../harness/dashboard-world.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi } from '../harness/hub-api.ts';
import { scratchFolder, startHubProcess } from '../harness/hub-process.ts';

describe.skipIf(isWithoutBrowser)('what people say in the dashboard', () => {
  const world = dashboardWorld();

  it('U8: a steward edits by keyboard alone, everybody sees it, the source does not undo it, and undo does', async () => {
    const [page, other] = [await world.as('steward'), await world.as('admin')];
    for (const each of [page, other]) {
      await each.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:orders')}`);
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
    await world.send('orders', { type: 'table', name: 'orders', domain: 'retail', description: 'tbl_orders' });
    await other.getByText('The source says: tbl_orders').waitFor();
    expect(await other.getByText('Orders of the shop').count()).toBe(1);
    await page.keyboard.press('z');
    await page.getByText('Undone.').waitFor();
    await other.getByText('Orders of the shop').waitFor({ state: 'detached' });
  });

  it('U8: two who edit lose no word: what differs is merged, what collides is asked', async () => {
    await world.send('shared', { type: 'table', name: 'shared', description: 'as it was' });
    const [one, two] = [await world.as('steward'), await world.as('admin')];
    for (const each of [one, two]) {
      await each.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:shared')}`);
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
    await one.getByRole('button', { name: 'Take the word of the source' }).first().click();
    await two.getByText('as it was').waitFor();
  });

  it('U8: undo leaves nothing behind, and what is in a field when it is saved is saved', async () => {
    const owners = [{ id: 'team-x', type: 'group', role: 'steward' }];
    await world.send('undone', { type: 'table', name: 'undone', owners });
    const page = await world.as('steward');
    const asset = `/assets/${encodeURIComponent('urn:gov:demo:undone')}`;
    await page.goto(world.hub.url + asset);
    await page.getByRole('button', { name: /^Edit/ }).click();
    await page.getByLabel('Description').fill('first words');
    await page.getByLabel('Remove team-x').click();
    await page.getByLabel('Owners').fill('carol');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Saved.').waitFor();
    await page.getByText('carol').waitFor();
    await page.keyboard.press('z');
    await page.getByText('Undone.').waitFor();
    const answer = await fetch(`${world.hub.url}/v1${asset}`, { headers: { authorization: `Bearer ${demoAdmin}` } });
    const undone = (await answer.json()) as object;
    expect(undone).toMatchObject({ owners });
    expect(undone).not.toHaveProperty('description');
    expect(undone).not.toHaveProperty('curated');
  });

  it('U8: nobody leaves what is not saved without being asked', async () => {
    const opened = await openDashboard(world.browser, world.hub.url, { role: 'steward' });
    const { page } = opened;
    await page.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:orders')}`);
    await page.getByRole('button', { name: /^Edit/ }).click();
    const was = await page.getByLabel('Description').inputValue();
    await page.getByLabel('Description').fill('half a sen');
    for (const leave of ['Columns', 'History']) await page.getByRole('tab', { name: leave }).click();
    await page.getByRole('link', { name: 'Live' }).click();
    await page.goBack({ timeout: 500 }).catch(() => null);
    expect(await page.getByLabel('Description').inputValue()).toBe('half a sen');
    await page.getByLabel('Description').press('Escape');
    expect(opened.faults).toHaveLength(5);
    expect(await page.getByLabel('Description').inputValue()).toBe('half a sen');
    await page.getByLabel('Description').fill(was);
    await page.getByLabel('Description').press('Escape');
    await page.getByRole('button', { name: /^Edit/ }).waitFor();
    await page.getByRole('link', { name: 'Live' }).click();
    await page.getByRole('heading', { name: 'Live' }).waitFor();
    // the words of the last one, for a page that is left altogether, are the browser's own
    const asked = expect.stringContaining('dialog: Leave without saving?');
    expect(opened.faults).toEqual([asked, asked, asked, 'dialog: ', asked]);
    await opened.context.close();
  });

  it('U8: of two who describe a column nobody loses a word, and no dialog closes over one', async () => {
    await world.send('wide', { type: 'table', name: 'wide', columns: [{ name: 'c1', type: 'int' }] });
    const opened = await Promise.all([
      ...[openDashboard(world.browser, world.hub.url, { role: 'steward' })],
      openDashboard(world.browser, world.hub.url, { role: 'admin' }),
    ]);
    const [one, two] = opened.map(({ page }) => page);
    if (one === undefined || two === undefined) throw new Error('both are open');
    for (const each of [one, two]) {
      await each.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:wide')}?tab=columns`);
      await each.locator('.grid-row').first().click();
      await each.getByLabel('Description').waitFor();
    }
    await one.getByLabel('Description').fill('words of one');
    await one.getByRole('button', { name: 'Save' }).click();
    await one.getByText('Saved.').waitFor();
    await two.getByLabel('Description').fill('words of two');
    for (const key of ['Escape', 'Tab']) await two.keyboard.press(key);
    await two.getByRole('button', { name: 'Close' }).click();
    await two.getByRole('button', { name: 'Save' }).click();
    await two.getByText('Somebody else has changed this to “words of one”').waitFor();
    await two.getByRole('button', { name: 'Save' }).click();
    await one.locator('dialog').getByText('words of two').waitFor();
    expect(opened.map(({ faults }) => faults.length)).toEqual([0, 2]);
    for (const { context } of opened) await context.close();
  });

  it('U12: what people have said is taken back from the history, and asked about where it has changed since', async () => {
    const asset = `/assets/${encodeURIComponent('urn:gov:demo:past')}`;
    await world.send('past', { type: 'table', name: 'past', description: 'of the source', owners: [{ id: 'bob' }] });
    const say = (patch: object): Promise<unknown> =>
      callApi(world.hub.url, `/v1${asset}`, {
        ...{ token: demoAdmin, method: 'PATCH', body: JSON.stringify(patch) },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    await say({ description: 'first', owners: { bob: null } });
    const page = await world.as('steward');
    await page.goto(`${world.hub.url}${asset}?tab=history`);
    await page.getByRole('button', { name: 'Restore what was before: owner removed: bob' }).click();
    await page.getByText('Saved.').waitFor();
    await page.getByText('owner added: bob').waitFor();
    await say({ description: 'second' });
    await page.getByRole('button', { name: 'Restore what was before: description: first → second' }).waitFor();
    await page.getByRole('button', { name: 'Restore what was before: description: of the source → first' }).click();
    await page.getByText('Somebody else has changed this to “second”').waitFor();
    expect(await page.getByLabel('Description').inputValue()).toBe('of the source');
    await page.keyboard.press('Control+Enter');
    await page.getByText('description: second → of the source').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('description: of the source → second').waitFor();
    const viewer = await world.as('viewer');
    await viewer.goto(`${world.hub.url}${asset}?tab=history`);
    await viewer.getByText('description: of the source → second').waitFor();
    expect(await viewer.getByRole('button', { name: /^Restore/ }).count()).toBe(0);
  });

  it('U9: suggestions are decided by keyboard, and do not come back with the next scan', async () => {
    const scanned = (name: string): object => ({
      ...{ type: 'table', name },
      columns: ['mail', 'tel', 'city'].map((column) => ({
        name: column,
        classifications: [{ scheme: 'pii', name: column, state: 'suggested', origin: 'automated' }],
      })),
    });
    await world.send('scan', scanned('scan'));
    const page = await world.as('steward');
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    const rows = page.locator('.grid-row').filter({ hasText: 'scan' });
    await eventually(async () => expect(await rows.count()).toBe(3));
    await page.getByLabel('Reason').fill('known by all');
    await rows.first().focus();
    await page.keyboard.press('a');
    await page.getByText('1 approved.').waitFor();
    expect(await page.getByLabel('Reason').inputValue()).toBe('');
    const scanUrl = `${world.hub.url}/v1/assets/${encodeURIComponent('urn:gov:demo:scan')}`;
    const decided = await fetch(scanUrl, { headers: { authorization: `Bearer ${demoAdmin}` } });
    expect(await decided.text()).toContain('"reason":"known by all"');
    await eventually(async () => expect(await rows.count()).toBe(2));
    for (const at of [0, 1]) await rows.nth(at).getByRole('checkbox').check();
    await page.getByLabel('Reason').fill('test data');
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('2 rejected.').waitFor();
    await eventually(async () => expect(await rows.count()).toBe(0));
    await world.send('scan', scanned('scan'));
    await world.send('scan2', scanned('scan2'));
    await eventually(async () => expect(await rows.count()).toBe(3));
    expect(await rows.filter({ hasText: 'scan2' }).count()).toBe(3);
  });

  it('U8: a column is described and classified by keyboard, and a viewer loses the asset at once', async () => {
    await world.send('ledger', {
      type: 'table',
      name: 'ledger',
      columns: [{ name: 'iban', type: 'varchar' }, { name: 'sum' }],
    });
    const [page, viewer] = [await world.as('steward'), await world.as('viewer')];
    const path = `/assets/${encodeURIComponent('urn:gov:demo:ledger')}`;
    await viewer.goto(world.hub.url + path);
    await viewer.getByRole('heading', { name: 'ledger' }).waitFor();
    await page.goto(`${world.hub.url}${path}?tab=columns`);
    await page.locator('.grid-row').first().focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Description').waitFor();
    await page.keyboard.type('Account of the customer');
    await page.keyboard.press('Control+Enter');
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

  it('U9: of more assets than a view holds the first suggestions are decided, and others take their place', async () => {
    const own = scratchFolder();
    const many = await startHubProcess({ dataDir: own.path, environment: { PURSIGHT_ENV: 'development' } });
    const classifications = [{ scheme: 'pii', name: 'x', state: 'suggested', origin: 'automated' }];
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    for (let from = 0; from < 5001; from += 500) {
      const events = Array.from({ length: Math.min(500, 5001 - from) }, (_, index) => ({
        ...{ specversion: '1.0', source: '/test', id: `n${from + index}`, type: 'gov.asset.created' },
        subject: `n${from + index}`,
        data: { asset: { type: 'table', name: `n${from + index}`, classifications } },
      }));
      await callApi(many.url, '/v1/ingest/events', { token: demoAdmin, body: JSON.stringify(events), headers });
    }
    const opened = await openDashboard(world.browser, many.url, { role: 'steward' });
    world.open.push(opened);
    await opened.page.goto(`${many.url}/inbox`);
    await opened.page.getByText('in the first of 5,001 assets that have any').waitFor();
    const first = opened.page.locator('.grid-row').first();
    await eventually(async () => expect(await first.textContent()).toContain('n0'));
    await first.focus();
    await opened.page.keyboard.press('a');
    await opened.page.getByText('in the first of 5,000 assets that have any').waitFor();
    await eventually(async () => expect(await first.textContent()).not.toContain('n0'));
    await many.stop();
    own.remove();
  });

  it('offers nobody what the hub would refuse', async () => {
    const page = await world.as('viewer');
    const links = page.getByRole('navigation', { name: 'Screens' }).getByRole('link');
    const offered = ['Catalog', 'Concepts', 'Live', 'API', 'Settings'];
    await eventually(async () => expect(await links.allTextContents()).toEqual(offered));
    await page.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:orders')}`);
    await page.getByRole('heading', { name: 'orders' }).waitFor();
    expect(await page.getByRole('button', { name: /^Edit/ }).count()).toBe(0);
  });
});
