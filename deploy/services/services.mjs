import { ensureServices, services, servicesStatus, stopServices } from './ensure.mjs';

const usage = 'usage: npm run services -- up [--install] | down | status';
const [command, ...flags] = process.argv.slice(2);
const unknown = flags.filter((flag) => flag !== '--install' || command !== 'up');

if (unknown.length > 0) fail(`unknown argument ${unknown.join(' ')}\n${usage}`);
else if (command === 'up') await up();
else if (command === 'down') await stopServices();
else if (command === 'status') await status();
else fail(usage);

async function up() {
  const found = await ensureServices({ install: flags.includes('--install'), log: (line) => console.log(line) });
  for (const service of services) {
    const url = found.urls[service.name];
    if (url !== undefined) console.log(`${service.name}: ${url}`);
    else fail(`${service.name}: cannot be had: ${found.reasons[service.name]}\n  ${hint(service)}`);
  }
}

async function status() {
  const rows = await servicesStatus();
  console.log(line('service', 'state', 'how', 'url'));
  for (const row of rows) console.log(line(row.name, row.up ? 'up' : 'down', row.how, row.url), row.note);
  if (!rows.every((row) => row.up)) process.exitCode = 1;
}

function hint(service) {
  return `set ${service.variable}, start Docker, or run: npm run services -- up --install`;
}

function line(name, state, how, url) {
  return `${name.padEnd(8)}${state.padEnd(6)}${how.padEnd(12)}${url}`;
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
