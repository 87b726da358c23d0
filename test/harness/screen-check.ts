import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';

const artifacts = fileURLToPath(new URL('../artifacts/dashboard', import.meta.url));

/** What axe finds, in short. */
export async function violations(page: Page): Promise<readonly string[]> {
  // put in by the debugger: the page itself would not load it
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })');
  const { violations: all } = found as {
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  };
  return all.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

/** Nothing is found by axe, and nothing scrolls sideways in three widths, of which pictures are kept under the name. */
export async function expectScreen(page: Page, name: string): Promise<void> {
  await eventually(async () => expect(await page.locator('[aria-busy=true]').count()).toBe(0));
  expect([name, await violations(page)]).toEqual([name, []]);
  mkdirSync(artifacts, { recursive: true });
  for (const width of [1440, 768, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: join(artifacts, `${name}-${width}.png`) });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect([name, width, overflow <= 0]).toEqual([name, width, true]);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
