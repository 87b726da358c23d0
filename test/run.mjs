// `npm test`: builds, runs every test, and prints `N passed, N failed` (`, N skipped` may follow) alone on the last line.
// Arguments go on to vitest, but for `--long`: attacks that last longer (`npm run test:hostile -- --long`). Everything that keeps a test from running is a failure of its own in the count.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'pursight-test-'));
const countFile = join(scratch, 'count.json');

const buildFaults = [build(), buildClient()].filter((ok) => !ok).length;
const given = process.argv.slice(2);
if (given.includes('--long')) process.env.PURSIGHT_TEST_HOSTILE = 'long';
const counts = runTests(given.filter((argument) => argument !== '--long'));
rmSync(scratch, { recursive: true, force: true });

const failed = counts.failed + buildFaults;
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
process.exitCode = failed > 0 ? 1 : 0;
keepFailures();
process.stdout.write(`\n${counts.passed} passed, ${failed} failed${skipped}\n`);

/** A run of several suites prints more than one reads: what failed goes to the file that it names, for its end. */
function keepFailures() {
  const file = process.env.PURSIGHT_TEST_FAILURES_FILE;
  if (file === undefined || failed === 0) return;
  const title = `Node ${process.version}, engine ${process.env.PURSIGHT_WS_ENGINE ?? 'as configured'}: ${failed} failed`;
  appendFileSync(file, `${[title, ...counts.failures].join('\n\n')}\n\n`);
}

function build() {
  const tsc = step('tsc', [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'cli']);
  return step('dashboard', [join(root, 'dashboard/build.mjs')]) && tsc;
}

/** The end-to-end tests use the client as its users get it. */
function buildClient() {
  const config = join(root, 'client-sdk/tsdown.config.ts');
  if (!existsSync(config)) return true;
  const tsdown = join(root, 'node_modules/tsdown/dist/run.mjs');
  return step('tsdown', [tsdown], join(root, 'client-sdk'));
}

function runTests(args) {
  const reporters = ['--reporter=default', '--reporter=./test/setup/count-reporter.ts'];
  const ok = step('vitest', [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...args]);
  const counted = readCounts();
  // A run that broke off has no count, or counts nothing wrong although it ended with an error.
  return ok || counted.failed > 0 ? counted : { ...counted, failed: 1, failures: ['vitest failed, no test did'] };
}

function readCounts() {
  try {
    return JSON.parse(readFileSync(countFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0, failures: ['the run broke off'] };
  }
}

function step(name, args, cwd = root) {
  const env = { ...process.env, PURSIGHT_TEST_COUNT_FILE: countFile };
  const { status, signal } = spawnSync(process.execPath, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) console.error(`${name} failed (${signal ?? `exit code ${status}`})`);
  return status === 0;
}
