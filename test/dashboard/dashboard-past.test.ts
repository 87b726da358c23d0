import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../channels/event/json.ts';
import { asOf } from '../../dashboard/past/as-of.ts';
import type { ChangeLine } from '../../dashboard/feed/feed-event.ts';
import { dashboardWorld, demoAdmin, isWithoutBrowser } from '../harness/dashboard-world.ts';
import { eventually } from '../harness/eventually.ts';
import { callApi } from '../harness/hub-api.ts';
import { expectScreen } from '../harness/screen-check.ts';

describe.skipIf(isWithoutBrowser)('an asset of the dashboard as it was', () => {
  const world = dashboardWorld();
  const ask = async (name: string, path = '', patch?: object): Promise<JsonObject> => {
    const answer = await callApi(world.hub.url, `/v1/assets/${encodeURIComponent(`urn:gov:demo:${name}`)}${path}`, {
      token: demoAdmin,
      ...(patch === undefined
        ? {}
        : {
            ...{ method: 'PATCH', body: JSON.stringify(patch) },
            headers: { 'content-type': 'application/merge-patch+json' },
          }),
    });
    expect(answer).toMatchObject({ status: 200 });
    return answer.body as JsonObject;
  };
  const column = (name: string, type: string, ...tags: readonly string[]): object => ({
    ...{ name, type },
    classifications: tags.map((tag) => ({ scheme: 'pii', name: tag, state: 'suggested', origin: 'automated' })),
  });
  /** Each makes the asset another one. */
  const changes: readonly ((name: string) => Promise<unknown>)[] = [
    (name) =>
      world.send(name, {
        ...{ type: 'table', name, domain: 'retail', description: 'first', owners: [{ id: 'bob', type: 'group' }] },
        columns: [column('id', 'int'), column('mail', 'text', 'email')],
      }),
    (name) => ask(name, '', { description: 'of ada', owners: { ada: {}, bob: null }, terms: { t1: {}, t2: {} } }),
    (name) => ask(name, '', { columns: { mail: { description: 'x', classifications: { 'pii/email': {} } } } }),
    (name) =>
      world.send(name, {
        ...{ type: 'view', name: 'renamed', domain: 'crm', description: 'second' },
        ...{ columns: [column('id', 'bigint'), column('tel', 'text', 'phone', 'x')], properties: { a: { b: [1] } } },
      }),
    (name) => ask(name, '', { status: 'deprecated', terms: { t1: null }, properties: { a: { b: 'c' }, 'd/e': 1 } }),
    (name) => ask(name, '', { description: null, classifications: { 'pii/whole': { state: 'confirmed' } } }),
    (name) => ask(name, '', { domain: '', classifications: { 'pii/whole': null } }),
  ];

  it('U14: is at each event what the hub had then', async () => {
    const was: JsonObject[] = [];
    for (const change of changes) {
      await change('oracle');
      was.push(await ask('oracle'));
    }
    const { events } = await ask('oracle', '/history?limit=100');
    const lines = (events as unknown as readonly { changes: Record<string, object> }[]).map(
      (event) => ({ changes: Object.entries(event.changes ?? {}) }) as unknown as ChangeLine,
    );
    expect(lines).toHaveLength(changes.length);
    for (const [at, document] of was.toReversed().entries())
      expect(comparable(asOf(was.at(-1) ?? {}, lines.slice(0, at)).document)).toEqual(comparable(document));
  });

  it('U14: is shown from event to event, read-only, by keyboard, and in the address', async () => {
    for (const change of changes) await change('shown');
    const page = await world.as('steward');
    await page.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:shown')}`);
    await page.getByRole('button', { name: 'Look back' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('as it is now').waitFor();
    expect(await page.locator('h1').textContent()).toBe('renamed');
    const moments = [];
    for (const _change of changes.slice(1)) {
      await page.keyboard.press('[');
      moments.push(await page.locator('.prose').textContent());
    }
    expect(moments).toEqual(['second', 'of ada', 'of ada', 'of ada', 'of ada', 'first']);
    expect(await page.locator('h1').textContent()).toBe('shown');
    await page.getByRole('tab', { name: 'Columns (2)' }).click();
    expect(await page.locator('.grid').textContent()).toContain('mail');
    await page.locator('.grid-row').first().click();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.reload();
    await page.getByRole('heading', { name: 'shown' }).waitFor();
    await page.getByRole('slider', { name: 'Moment' }).focus();
    await page.keyboard.press('End');
    await page.getByRole('heading', { name: 'renamed' }).waitFor();
    await ask('shown', '', { description: 'meanwhile' });
    await page.getByRole('tab', { name: 'Overview' }).click();
    // the last event is no longer the last: what it left is still what is shown
    await eventually(async () => expect(await page.locator('.time-words').textContent()).not.toContain('as it is now'));
    expect(await page.locator('.prose').textContent()).not.toBe('meanwhile');
    expect(await page.getByRole('button', { name: /^Edit/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByText('meanwhile').waitFor();
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByRole('link', { name: 'As it was then' }).nth(1).click();
    await eventually(async () => expect(await page.locator('.prose').textContent()).not.toBe('meanwhile'));
    await page.getByRole('slider').waitFor();
    await page.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:shown')}?at=nothing`);
    await page.getByText('This moment is not known any more.').waitFor();
  });

  for (const theme of ['light', 'dark'] as const)
    it(`U7: is accessible, ${theme}`, async () => {
      const page = await world.as('steward', { theme });
      await page.goto(`${world.hub.url}/assets/${encodeURIComponent('urn:gov:demo:shown')}?at=now`);
      await page.getByRole('slider').waitFor();
      await expectScreen(page, `past-${theme}`);
    });
});

/** Without the layer of people and the times, and lists in an order of their own. */
function comparable({ curated: _curated, updatedAt: _at, ...document }: JsonObject): object {
  const inOrder = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inOrder).toSorted((one, other) => (text(one) < text(other) ? -1 : 1));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).filter(([name]) => name !== 'curated');
    return Object.fromEntries(
      members.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([name, member]) => [name, inOrder(member)]),
    );
  };
  return inOrder(document) as object;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
