import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { dashboardWorld, demoAdmin, hidden, isWithoutBrowser } from '../harness/dashboard-world.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi } from '../harness/hub-api.ts';
import { expectScreen, violations } from '../harness/screen-check.ts';

const names = (page: Page): Promise<readonly string[]> =>
  page.locator('.concepts .grid-row [role=gridcell]:first-child bdi').allTextContents();

describe.skipIf(isWithoutBrowser)('terms, domains and teams in the dashboard', () => {
  const world = dashboardWorld();
  const define = (plural: string, concept: object): Promise<unknown> =>
    callApi(world.hub.url, `/v1/${plural}`, {
      ...{ token: demoAdmin, body: JSON.stringify(concept), headers: { 'content-type': 'application/json' } },
    });
  const conceptOf = async (role: string, path: string, more = {}): Promise<Page> => {
    const page = await world.as(role, more);
    await page.goto(`${world.hub.url}/concepts/${path}`);
    await page.locator('.concept h1').waitFor();
    return page;
  };

  it('U13: a term is defined, found, changed and deleted by keyboard, and everybody sees it', async () => {
    const [page, other] = [await world.as('steward'), await world.as('admin')];
    await other.goto(`${world.hub.url}/concepts`);
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.getByRole('button', { name: 'New term' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Name', { exact: true }).waitFor();
    await page.keyboard.type('Balance');
    await page.keyboard.press('Tab');
    await page.keyboard.type('balance');
    await page.getByLabel('Synonyms').focus();
    await page.keyboard.type('saldo');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: 'Balance' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/concepts/term/urn%3Agov%3Aterm%3Abalance');
    await eventually(async () => expect(await names(other)).toEqual(['Balance']));
    await define('terms', { name: 'Overdraft' });
    await eventually(async () => expect(await names(other)).toEqual(['Balance', 'Overdraft']));
    await other.keyboard.press('/');
    await other.keyboard.type('bal');
    await eventually(async () => expect(await names(other)).toEqual(['Balance']));
    expect(new URL(other.url()).search).toBe('?q=bal');
    await other.keyboard.press('Tab');
    await other.locator('.grid-row').first().focus();
    await other.keyboard.press('Enter');
    await other.getByText('saldo').waitFor();
    await page.keyboard.press('e');
    await page.getByLabel('Description').fill('What is left on an account');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Saved.').waitFor();
    await other.getByText('What is left on an account').waitFor();
    await page.keyboard.press('z');
    await other.getByText('What is left on an account').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Delete…' }).focus();
    await page.keyboard.press('Enter');
    const remove = page.getByRole('button', { name: 'Delete', exact: true });
    await eventually(async () => expect(await remove.isEnabled()).toBe(true));
    await remove.focus();
    await page.keyboard.press('Enter');
    await eventually(async () => expect(await names(page)).toEqual(['Overdraft']));
    await other.getByText('Nobody has defined this term').waitFor();
  });

  it('U8: of two who edit a domain nobody loses a word, and nobody deletes what he has not seen', async () => {
    await define('domains', { id: 'sales', name: 'Sales' });
    const path = 'domain/urn%3Agov%3Adomain%3Asales';
    const [one, two] = [await conceptOf('steward', path), await conceptOf('admin', path)];
    for (const each of [one, two]) {
      await each.getByRole('button', { name: /^Edit/ }).click();
      await each.getByLabel('Description').waitFor();
    }
    await one.getByLabel('Description').fill('words of one');
    await one.getByLabel('Experts').fill('ada');
    await one.getByRole('button', { name: 'Save' }).click();
    await one.getByText('Saved.').waitFor();
    await two.getByLabel('Description').fill('words of two');
    await two.getByLabel('Experts').fill('bob');
    await two.getByRole('button', { name: 'Save' }).click();
    await two.getByText('Somebody else has changed this to “words of one”').waitFor();
    await two.getByRole('button', { name: 'take theirs' }).click();
    await two.getByRole('button', { name: 'Save' }).click();
    for (const word of ['words of one', 'ada', 'bob']) await one.getByText(word).waitFor();
    await one.getByRole('button', { name: 'Delete…' }).click();
    const remove = one.getByRole('button', { name: 'Delete', exact: true });
    await eventually(async () => expect(await remove.isEnabled()).toBe(true));
    await two.getByRole('button', { name: /^Edit/ }).click();
    await two.getByLabel('Description').fill('words of three');
    await two.getByRole('button', { name: 'Save' }).click();
    await two.getByText('Saved.').waitFor();
    await remove.click();
    await one.getByText('Somebody has changed it meanwhile').waitFor();
    await one.getByRole('button', { name: 'Cancel' }).click();
    await one.getByText('words of three').waitFor();
  });

  it('U13: assets lead to what they name, defined or not, and that leads to them', async () => {
    await world.send('invoices', { type: 'table', name: 'invoices', domain: 'billing', terms: ['invoice'] });
    await define('terms', { id: 'invoice', name: 'An invoice' });
    const page = await world.as('steward');
    await page.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:invoices')}`);
    await page.getByRole('link', { name: 'An invoice' }).waitFor();
    await page.getByRole('link', { name: 'billing' }).click();
    await page.getByText('Nobody has defined this domain, or you may not see it.').waitFor();
    await page.locator('.grid-row').filter({ hasText: 'invoices' }).waitFor();
    await world.send('bills', { type: 'table', name: 'bills', domain: 'billing' });
    await page.locator('.grid-row').filter({ hasText: 'bills' }).waitFor();
    await page.getByRole('link', { name: 'Define it' }).click();
    expect(await page.getByLabel('Id, by which').inputValue()).toBe('billing');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Delete…' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/concepts/domain/urn%3Agov%3Adomain%3Abilling');
    await page.goto(`${world.hub.url}/concepts?kind=domain&define=billing`);
    await page.getByLabel('Description').fill('again');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Description').inputValue()).toBe('again');
    await page.getByLabel('Description').fill('');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: 'Teams' }).waitFor();
  });

  it('U4: shows nobody what they may not see, and offers nothing that would be refused', async () => {
    await define('terms', { id: 'secret', name: hidden });
    const page = await conceptOf('viewer', 'term/urn%3Agov%3Aterm%3Asecret');
    await page.getByText('Nobody has defined this term, or you may not see it.').waitFor();
    await page.goto(`${world.hub.url}/concepts`);
    await page.getByText('There is nothing that you may see yet.').waitFor();
    expect(await page.getByRole('button', { name: 'New term' }).count()).toBe(0);
    expect(await page.content()).not.toContain(hidden);
  });

  it('an address that makes no sense is passed over', async () => {
    const page = await world.as('steward');
    await page.goto(`${world.hub.url}/concepts/nothing/x`);
    await page.getByRole('heading', { name: 'There is no such kind' }).waitFor();
    await page.goto(`${world.hub.url}/concepts?kind=__proto__&q=["a"]&define=7`);
    await page.getByRole('button', { name: 'New term' }).waitFor();
  });

  for (const theme of ['light', 'dark'] as const)
    it(`U7: is accessible, ${theme}`, async () => {
      await define('teams', { id: `core-${theme}`, name: 'Core', description: 'All of it', contact: 'core@x.example' });
      const page = await conceptOf('steward', `team/urn%3Agov%3Ateam%3Acore-${theme}`, { theme });
      await page.getByText('All of it').waitFor();
      await expectScreen(page, `concept-${theme}`);
      await page.getByRole('button', { name: 'Delete…' }).click();
      await page.getByRole('dialog').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.goto(`${world.hub.url}/concepts?kind=team&define=`);
      await page.getByLabel('Members').waitFor();
      await expectScreen(page, `new-concept-${theme}`);
    });
});
