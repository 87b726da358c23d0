import { canRun, run } from './process.mjs';

// Beside the servers: tools of the end-to-end tests and of the people who look into a broker.
const tools = {
  kcat: ['kcat', ['-V'], 'kcat'],
  jq: ['jq', ['--version'], 'jq'],
  chromium: ['chromium', ['--version'], 'chromium'],
  firefox: ['firefox-esr', ['--version'], 'firefox-esr'],
  webkit: ['WebKitWebDriver', ['--help'], 'webkit2gtk-driver'],
  xvfb: ['Xvfb', ['-help'], 'xvfb'],
  nginx: ['nginx', ['-v'], 'nginx-light'],
  promtool: ['promtool', ['--version'], 'prometheus'],
  faketime: ['faketime', ['--version'], 'faketime'],
  javac: ['javac', ['-version'], 'default-jdk-headless'],
};

/** Installs the Debian packages whose commands are missing. */
export async function installPackages(services, log) {
  const wanted = Object.values(Object.assign({}, tools, ...services.map((service) => service.packages)));
  const missing = [];
  for (const [command, args, name] of wanted) if (!(await canRun(command, args))) missing.push(name);
  if (missing.length === 0) return;
  if (!(await canRun('apt-get'))) throw new Error(`apt-get is not there; install by hand: ${missing.join(' ')}`);
  log(`installing ${missing.join(' ')}`);
  await apt(['update', '-qq']);
  await apt(['install', '-y', '-qq', '--no-install-recommends', ...missing]);
}

async function apt(args) {
  const command = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
  const [first, ...rest] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
  await run(first, rest, { timeoutMs: 900_000 });
}
