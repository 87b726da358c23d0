import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { dashboardWorld, demoAdmin, isWithoutBrowser } from '../harness/dashboard-world.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi, postCloudEvent } from '../harness/hub-api.ts';
import { expectScreen } from '../harness/screen-check.ts';

const urnOf = (name: string): string => `urn:gov:demo:${name}`;
interface Node {
  readonly entity: { readonly name: string };
}

const names = (page: Page): Promise<readonly string[]> => page.locator('.graph-node bdi').allTextContents();
const focused = (page: Page): Promise<string | null> => page.locator(':focus bdi').textContent();

describe.skipIf(isWithoutBrowser)('the lineage of the dashboard', () => {
  const world = dashboardWorld();
  const lead = async (from: string, to: string): Promise<void> => {
    const body = JSON.stringify({ type: 'lineage', lineage: true, from: urnOf(from), to: urnOf(to) });
    const headers = { 'content-type': 'application/json' };
    expect(await callApi(world.hub.url, '/v1/relationships', { token: demoAdmin, body, headers })).toMatchObject({
      status: 201,
    });
  };
  const lineageOf = async (role: string, name: string, more = {}): Promise<Page> => {
    const page = await world.as(role, more);
    await page.goto(`${world.hub.url}/assets/${encodeURIComponent(urnOf(name))}?tab=lineage`);
    await page.locator('.graph-node').first().waitFor();
    return page;
  };
  beforeAll(async () => {
    for (const name of ['source', 'stage', 'report', 'board', 'beyond'])
      await world.send(name, { type: 'table', name });
    for (const [from = '', to = ''] of [
      ['source', 'stage'],
      ['stage', 'orders'],
      ['customers', 'orders'],
      ['orders', 'report'],
      ['report', 'board'],
      ['board', 'beyond'],
    ])
      await lead(from, to);
  });

  it('U11: is drawn from left to right, worked by keyboard, and in the address', async () => {
    const page = await lineageOf('steward', 'orders');
    await eventually(async () => expect((await names(page)).toSorted()).toEqual(all('board', 'customers', 'source')));
    await page.getByText('There is more further away.').waitFor();
    await page.locator('.graph-node a[tabindex="0"]').focus();
    expect(await focused(page)).toBe('orders');
    for (const to of ['report', 'board']) {
      await page.keyboard.press('ArrowRight');
      await eventually(async () => expect(await focused(page)).toBe(to));
    }
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await eventually(async () => expect(await names(page)).toContain('beyond'));
    expect(await focused(page)).toBe('board');
    await page.reload();
    await eventually(async () => expect(await names(page)).toContain('beyond'));
    const left = async (name: string): Promise<number> =>
      (await page.locator('.graph-node').filter({ hasText: name }).boundingBox())?.x ?? 0;
    const places = await Promise.all(['source', 'stage', 'orders', 'report', 'board', 'beyond'].map(left));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    await page.getByLabel('Direction').selectOption('upstream');
    await eventually(async () => expect(await names(page)).not.toContain('report'));
    await page.getByLabel('Steps').selectOption('1');
    await eventually(async () => expect((await names(page)).toSorted()).toEqual(['customers', 'orders', 'stage']));
    expect(new URL(page.url()).search).toBe('?tab=lineage&way=upstream&depth=1');
    await page.locator('.graph-node a[tabindex="0"]').focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await eventually(async () => expect(new URL(page.url()).pathname).not.toContain('orders'));
  });

  it('U11: follows the catalog, and nothing moves while somebody is in it', async () => {
    const page = await lineageOf('steward', 'stage');
    await eventually(async () => expect(await names(page)).toContain('report'));
    await world.send('report', { type: 'table', name: 'report renamed' });
    await eventually(async () => expect(await names(page)).toContain('report renamed'));
    const link = page.locator('.graph-node').filter({ hasText: 'orders' });
    await link.locator('a').focus();
    const before = await link.boundingBox();
    await world.send('fresh', { type: 'table', name: 'fresh' });
    await lead('fresh', 'stage');
    const waiting = page.getByRole('button', { name: '1 new' });
    await waiting.waitFor();
    expect(await link.boundingBox()).toEqual(before);
    expect(await names(page)).not.toContain('fresh');
    await waiting.click();
    await eventually(async () => expect(await names(page)).toContain('fresh'));
  });

  it('counts what a change concerns', async () => {
    const page = await lineageOf('steward', 'source');
    await page.getByText('Impact: whom a change concerns').click();
    await page.getByText('5 entities downstream').waitFor();
  });

  for (const theme of ['light', 'dark'] as const)
    it(`U7: is accessible, ${theme}`, async () => {
      const page = await lineageOf('steward', 'orders', { theme });
      await expectScreen(page, `lineage-${theme}`);
    });

  it('U11: shows nobody what they may not see, and no longer what they may no more', async () => {
    // who may read no relationships sees none
    expect(await names(await lineageOf('viewer', 'orders'))).toEqual(['orders']);
    const page = await lineageOf('steward', 'orders');
    await eventually(async () => expect(await names(page)).toContain('stage'));
    await page.locator('.graph-node a[tabindex="0"]').focus();
    const event = { id: 'gone', type: 'gov.asset.deleted', subject: 'stage', data: {} };
    expect(await postCloudEvent(world.hub.url, 'events', demoAdmin, event)).toMatchObject({ status: 200 });
    await page.getByText('no longer here').first().waitFor();
    expect(await page.locator('.graph').textContent()).not.toContain('stage');
  });

  it('U11: after random changes it shows what REST says', async () => {
    const page = await lineageOf('steward', 'orders');
    const known = ['source', 'orders', 'customers', 'report', 'board', 'beyond'];
    const path = `/v1/assets/${encodeURIComponent(urnOf('orders'))}/lineage?depth=2`;
    const rest = async (): Promise<{ readonly nodes: readonly Node[]; readonly edges: readonly { urn: string }[] }> =>
      (await callApi(world.hub.url, path, { token: demoAdmin })).body as never;
    let seed = 7;
    const next = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    for (let round = 0; round < 12; round += 1) {
      const { edges } = await rest();
      const gone = edges[next(edges.length + 1)];
      if (gone !== undefined && next(2) === 0) {
        const headers = { 'if-match': '*' };
        await callApi(world.hub.url, `/v1/relationships/${encodeURIComponent(gone.urn)}`, {
          ...{ token: demoAdmin, method: 'DELETE', headers },
        });
      } else {
        const [from, to] = [known[next(known.length)] ?? '', known[next(known.length)] ?? ''];
        const body = JSON.stringify({ type: `t${round}`, lineage: true, from: urnOf(from), to: urnOf(to) });
        await callApi(world.hub.url, '/v1/relationships', {
          ...{ token: demoAdmin, body, headers: { 'content-type': 'application/json' } },
        });
      }
    }
    const wanted = (await rest()).nodes.map(({ entity }) => entity.name).toSorted();
    await eventually(async () => expect((await names(page)).toSorted()).toEqual(wanted));
    const drawn = page.locator('.graph-edge');
    await eventually(async () => expect(await drawn.count()).toBe((await rest()).edges.length));
  });
});

/** With what is always there. */
function all(...some: readonly string[]): readonly string[] {
  return [...some, 'orders', 'report', 'stage'].toSorted();
}
