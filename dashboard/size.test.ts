import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const files = fileURLToPath(new URL('../dist/dashboard/_ui', import.meta.url));
/** Gzipped, as a browser loads them before it shows anything. */
const budget = { js: 200 * 1024, css: 16 * 1024 };

test('the first load stays within its budget', { timeout: 60_000 }, () => {
  const build = spawnSync(process.execPath, [fileURLToPath(new URL('build.mjs', import.meta.url))]);
  expect(String(build.stderr)).toBe('');
  const sizes = Object.entries(budget).map(([kind, most]) => {
    const names = readdirSync(files).filter((name) => name.endsWith(`.${kind}.gz`));
    const bytes = names.reduce((sum, name) => sum + statSync(join(files, name)).size, 0);
    return { kind, bytes, isWithin: bytes > 1000 && bytes <= most };
  });
  console.log(sizes.map(({ kind, bytes }) => `${kind}: ${bytes} bytes gzipped`).join(', '));
  expect(sizes.filter(({ isWithin }) => !isWithin)).toEqual([]);
});
