// `npm run test:matrix`: the unit tests and one file that goes through the whole hub, on the other supported versions of
// Node, each with one of the two WebSocket engines. What depends on the version shows there; the rest runs once, in
// `npm test`. The runtimes come from npm, into the cache folder. Arguments go on to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from '../deploy/services/state.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const unitTests = ['--project', 'unit'];
const mainPath = ['--project', 'services', 'test/e2e/main-path.test.ts'];
const runtimes = [
  { version: '22.23.3', engine: 'uws' },
  // uWebSockets.js has no binary for this version; the hub then runs on the engine that is plain JavaScript.
  { version: '24.21.0', engine: 'ws' },
];

const failed = runtimes.filter((runtime) => !passes(runtime));
for (const { version } of failed) console.error(`tests failed on Node ${version}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes({ version, engine }) {
  console.log(`\n# Node ${version}, engine ${engine}`);
  const bin = obtain(version);
  if (bin === undefined) return false;
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    PURSIGHT_WS_ENGINE: engine,
  };
  // both, also when the first fails
  const runs = [unitTests, mainPath].map((chosen) =>
    run(join(bin, 'node'), [join(root, 'test/run.mjs'), ...chosen, ...process.argv.slice(2)], env),
  );
  return runs.every(Boolean);
}

function obtain(version) {
  const name = `node-linux-${process.arch}`;
  const prefix = join(cacheDir, `node-${version}`);
  const bin = join(prefix, 'node_modules', name, 'bin');
  if (existsSync(join(bin, 'node'))) return bin;
  const install = ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `${name}@${version}`];
  return run('npm', install, process.env) ? bin : undefined;
}

function run(command, args, env) {
  return spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}
