// `npm run check`: everything that must hold beside the tests. Runs all steps, also after a failure, and lists what failed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const checksDir = join(root, 'test/checks');

const steps = [
  ['types', bin('typescript/bin/tsc'), '-b'],
  ['lint', bin('oxlint/bin/oxlint')],
  ['format', bin('oxfmt/bin/oxfmt'), '--check'],
  ['unused code and dependencies', bin('knip/bin/knip.js'), '--no-progress'],
  ...ownChecks(),
];

const failed = steps.filter(([name, ...args]) => !passes(name, args)).map(([name]) => name);
console.log(failed.length === 0 ? '\nall checks passed' : `\nfailed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes(name, args) {
  console.log(`\n# ${name}`);
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

/** Scripts that compare the documents with the code; each exits with 0 when it holds. */
function ownChecks() {
  if (!existsSync(checksDir)) return [];
  const files = readdirSync(checksDir).filter((file) => file.endsWith('.mjs'));
  return files.toSorted().map((file) => [file, join(checksDir, file)]);
}

function bin(path) {
  return join(root, 'node_modules', path);
}
