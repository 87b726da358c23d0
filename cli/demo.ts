import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Hub as ClientHub } from '../client-sdk/index.ts';
import { HubError } from '../channels/protocol/hub-error.ts';
import { readSettings } from '../server/config/read-settings.ts';
import type { Settings } from '../server/config/settings.ts';
import { createLogger } from '../server/observability/logger.ts';
import { askedToStop } from './asked-to-stop.ts';
import type { CommandContext } from './command-context.ts';
import { lineageRoot } from './demo/bank.ts';
import type { DemoEvent } from './demo/describe-event.ts';
import { DemoModel, type Found, searchedWords } from './demo/demo-model.ts';
import { openDemoView } from './demo/demo-view.ts';
import { playFeed } from './demo/play-feed.ts';
import { dashboardLink } from './dashboard.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi } from './hub-api.ts';
import { examples } from './hub-options.ts';
import { openHub } from './serve.ts';
import { developmentToken } from './token.ts';

interface DemoFlags {
  readonly port: number;
  readonly speed: number;
  readonly seed: number;
  readonly seconds?: number;
  readonly dashboard?: boolean;
}

const tokenTtlSeconds = 86_400;
const channels = ['assets', 'alerts', `lineage:urn:gov:demo:${lineageRoot}`];

/** Only what chooses the WebSocket engine is taken from outside: a demo must not touch a real deployment. */
function demoSettings(environment: CommandContext['environment'], folder: string, port: number): Settings {
  const { PURSIGHT_WS_ENGINE, PURSIGHT_UWS_MODULE } = environment;
  return readSettings({
    PURSIGHT_WS_ENGINE,
    PURSIGHT_UWS_MODULE,
    PURSIGHT_DATA_DIR: folder,
    PURSIGHT_HOST: '127.0.0.1',
    PURSIGHT_PORT: String(port),
    PURSIGHT_LOG_LEVEL: 'silent',
  });
}

function token(settings: Settings, sub: string, role: string): string {
  return developmentToken(settings, { sub, roles: [role], tenant: 'demo', ttlSeconds: tokenTtlSeconds });
}

/** Kept in files because a token is too long to be typed or read. */
function writeToken(folder: string, role: string, text: string): string {
  const file = join(folder, `${role}.token`);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** What somebody hears. */
interface Ears {
  readonly event: (event: DemoEvent) => void;
  readonly found: (found: Found) => void;
}

/** Subscribes and searches as somebody; resolves when every later event will come. */
async function follow(url: string, asToken: string, { event: onEvent, found }: Ears): Promise<ClientHub> {
  const { createHub } = await import('../client-sdk/index.ts');
  const hub = createHub({ url, token: asToken, client: 'pursight demo' });
  const search = hub.search(searchedWords, { highlight: false, limit: 10 });
  search.subscribe(() =>
    found({ names: search.hits.map(({ entity }) => entity.fqn ?? entity.name), total: search.total.value }),
  );
  const subscriptions = channels.map((channel) => hub.channel(channel, { shape: 'document' }));
  for (const subscription of subscriptions) subscription.on('event', onEvent);
  await Promise.all(subscriptions.map((subscription) => subscription.live));
  return hub;
}

interface Show {
  readonly context: CommandContext;
  readonly settings: Settings;
  readonly url: string;
  readonly flags: DemoFlags;
  readonly model: DemoModel;
  readonly signal: AbortSignal;
}

/** Two links, each of which signs in once: open them side by side. */
function printLinks({ context, settings, url }: Pick<Show, 'context' | 'settings' | 'url'>): void {
  for (const role of ['steward', 'viewer'])
    context.print(`${role.padEnd(8)} ${dashboardLink(settings, { url, tenant: 'demo', role })}`);
  context.print('The feed plays until Ctrl-C.');
}

/** The same feed for the dashboard instead of the terminal. */
async function showDashboard(given: Show): Promise<void> {
  const { context, settings, url, flags, signal } = given;
  printLinks(given);
  const api = createHubApi(context, settings, { url, token: token(settings, 'feed', 'admin') });
  await playFeed({ api, seed: flags.seed, speed: flags.speed, signal, now: () => Date.now() });
}

async function show({ context, settings, url, flags, model, signal }: Show): Promise<void> {
  const tokens = { steward: token(settings, 'ada', 'steward'), viewer: token(settings, 'bob', 'viewer') };
  const tokenFile = writeToken(settings.dataDir, 'steward', tokens.steward);
  writeToken(settings.dataDir, 'viewer', tokens.viewer);
  const steward = await follow(url, tokens.steward, {
    event: (event) => model.steward(event),
    found: (found) => (model.stewardFound = found),
  });
  const viewer = await follow(url, tokens.viewer, {
    event: (event) => model.viewer(event),
    found: (found) => (model.viewerFound = found),
  });
  const now = (): number => Date.now();
  const view = openDemoView({ context, model, url, tokenFile, now });
  try {
    const api = createHubApi(context, settings, { url, token: token(settings, 'feed', 'admin') });
    await playFeed({ api, seed: flags.seed, speed: flags.speed, signal, now });
  } finally {
    view.close();
    steward.close();
    viewer.close();
  }
}

function summary({ stewardEvents, viewerEvents, hiddenEvents, piiAssets }: DemoModel): string {
  return `the steward saw ${stewardEvents} events, the viewer ${viewerEvents}: ${hiddenEvents} were hidden by policy; ${piiAssets.length} assets carry pii`;
}

async function demo(context: CommandContext, flags: DemoFlags): Promise<number> {
  if (context.environment['PURSIGHT_ENV'] === 'production')
    throw new HubError('forbidden', 'demo: not with PURSIGHT_ENV=production; it makes its own secrets');
  const folder = mkdtempSync(join(tmpdir(), 'pursight-demo-'));
  const stop = askedToStop(exitCode.failure, flags.seconds === undefined ? undefined : flags.seconds * 1000);
  const { signal } = stop;
  const model = new DemoModel();
  try {
    const settings = demoSettings(context.environment, folder, flags.port);
    const hub = await openHub(
      { ...context, environment: {} },
      settings,
      {},
      createLogger({ level: 'silent', node: 'demo' }),
      (error) => {
        throw error;
      },
    );
    try {
      await (flags.dashboard === true ? showDashboard : show)({
        context,
        settings,
        url: hub.url,
        flags,
        model,
        signal,
      });
    } finally {
      await hub.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    stop.release();
  }
  if (flags.dashboard !== true) context.print(summary(model));
  return exitCode.ok;
}

function numberOf(min: number, max: number, whole = false): (raw: string) => number {
  return (raw) => {
    const value = Number(raw);
    if (raw.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
  };
}

export function addDemo(program: Command, context: CommandContext, done: (code: number) => void): void {
  program
    .command('demo')
    .description('run a demo hub with the live catalog of a fictional bank, as a steward and a viewer see it')
    .option('--port <number>', 'port of its hub; 0 picks a free one', numberOf(0, 65_535, true), 0)
    .option('--speed <factor>', '2 plays twice as fast', numberOf(0.1, 100), 1)
    .option('--seed <number>', 'a different number plays a different story', numberOf(0, 4_294_967_295, true), 1)
    .option('--dashboard', 'print links to the dashboard instead of showing it in the terminal')
    .option('--seconds <number>', 'stop after this time (default: at Ctrl-C)', numberOf(1, 86_400))
    .addHelpText(
      'after',
      `\nNeeds nothing: storage is in a temporary folder that is removed at the end.\n${examples('pursight demo', 'pursight demo --dashboard', 'pursight demo --speed 5 --seconds 30')}`,
    )
    .action(async (flags: DemoFlags) => done(await demo(context, flags)));
}
