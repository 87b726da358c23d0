import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const scripts = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
const run = promisify(execFile);

/** The documents agree with the code: the same scripts that `npm run check` runs, so that `npm test` finds it too. */
it.each(scripts)('%s finds nothing', { timeout: 30_000 }, async (script) => {
  const { stdout } = await run(process.execPath, [join(folder, script)]);
  expect(stdout).not.toBe('');
});
