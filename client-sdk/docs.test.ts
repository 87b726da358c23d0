import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

async function read(path: string): Promise<string> {
  return readFile(new URL(`../${path}`, import.meta.url), 'utf8');
}

/** Code as it stands in a guide, where it may be indented as part of a list. */
function unindented(text: string): string {
  return text.replaceAll(/^ +/gmu, '');
}

test.each([
  ['docs/sdk.md', 'examples/node-listener.ts'],
  ['docs/sdk.md', 'examples/node-view.ts'],
  ['docs/sdk.md', 'examples/browser/live-list.js'],
  ['docs/sdk.md', 'examples/browser/search.js'],
  ['docs/python.md', 'examples/python-bot/bot.py'],
  ['docs/python.md', 'examples/python-bot/search.py'],
])('%s shows the very code of %s', async (guide, example) => {
  expect(unindented(await read(guide))).toContain(unindented(await read(example)));
});
