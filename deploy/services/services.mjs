import { ensureServices, services, servicesStatus, stopServices } from './ensure.mjs';

const usage = 'usage: npm run services -- up [--install] [--atlas] | down | status';
const [command, ...flags] = process.argv.slice(2);
const unknown = flags.filter((flag) => !['--install', '--atlas'].includes(flag) || command !== 'up');

if (unknown.length > 0) fail(`unknown argument ${unknown.join(' ')}\n${usage}`);
else if (command === 'up') await up();
else if (command === 'down') await stopServices();
else if (command === 'status') await status();
else fail(usage);

async function up() {
  const atlas = flags.includes('--atlas');
  const log = (line) => console.log(line);
  const found = await ensureServices({ install: flags.includes('--install'), atlas, log });
  for (const [name, url] of Object.entries(found.urls)) console.log(`${name}: ${url}`);
  for (const [name, reason] of Object.entries(found.reasons))
    fail(`${name}: cannot be had: ${reason}\n  ${hint(name)}`);
}

async function status() {
  const rows = await servicesStatus();
  console.log(line('service', 'state', 'how', 'url'));
  for (const row of rows) console.log(line(row.name, row.up ? 'up' : 'down', row.how, row.url), row.note);
  if (!rows.every((row) => row.up)) process.exitCode = 1;
}

function hint(name) {
  const variable = services.find((service) => service.name === name)?.variable;
  return variable === undefined
    ? 'see what it needs in deploy/services'
    : `set ${variable}, start Docker, or run: npm run services -- up --install`;
}

function line(name, state, how, url) {
  return `${name.padEnd(8)}${state.padEnd(6)}${how.padEnd(12)}${url}`;
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
