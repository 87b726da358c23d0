import type { Command } from 'commander';
import { NewerForm } from '../channels/forms/form-of.ts';
import { isCluster } from '../server/config/read-settings.ts';
import { resolveSecrets } from '../server/config/secrets.ts';
import type { Settings } from '../server/config/settings.ts';
import { componentNames, parseComponents } from '../server/node/components.ts';
import { tuneCollector } from '../server/node/collector.ts';
import type { Hub } from '../server/node/hub.ts';
import { stoppingOnNewer } from '../server/node/stop-on-newer.ts';
import { DamagedRecords } from '../server/observability/damaged-records.ts';
import { createLogger, type Logger } from '../server/observability/logger.ts';
import { ThreadTurns } from '../server/turns/thread-turns.ts';
import { type CommandContext, hubFileOf, nodeName, settingsOf } from './command-context.ts';
import { dashboardLink } from './dashboard.ts';
import { exitCode } from './exit-code.ts';
import { usualTenant } from './hub-api.ts';
import { examples } from './hub-options.ts';
import { untilAsked } from './until-asked.ts';
import { untilNewer } from './until-newer.ts';

const exitGraceMs = 3000;
/** Beside the drain, for a process that stops because of a fault. */
const faultGraceMs = 20_000;

interface ServeFlags {
  readonly components?: string;
  readonly config?: string;
}

function modeOf(settings: Settings): 'cluster' | 'embedded' {
  return isCluster(settings) ? 'cluster' : 'embedded';
}

/** A hub as this process's settings describe it. @throws HubError */
export async function openHub(
  context: CommandContext,
  settings: Settings,
  flags: Pick<ServeFlags, 'components'>,
  logger: Logger,
  onNewer: (error: NewerForm) => void,
): Promise<Hub> {
  const mode = modeOf(settings);
  if (mode === 'embedded' && settings.env === 'production')
    logger.warn({}, 'embedded storage in production: one process, no second node');
  const components = parseComponents(flags.components, mode);
  const secrets = resolveSecrets(settings);
  const file = hubFileOf(settings, context);
  const node = nodeName(settings);
  const clock = { now: () => Date.now(), elapsedMs: () => performance.now() };
  const turns = new ThreadTurns(clock);
  const onFault = (part: string, error: Error): void => logger.warn({ part, error }, 'recovered from an error');
  const onNote = (part: string, message: string): void => logger.debug({ part, note: message }, 'driver note');
  const damaged = new DamagedRecords(logger);
  const opened = await context.openAdapters({
    ...{ mode, settings, node, clock, turns, onFault, onNote, onNewer },
    onDamaged: damaged.note,
  });
  const adapters = stoppingOnNewer(opened, onNewer);
  try {
    // half of the program: commands that talk to a running hub do without it
    const { startHub } = await import('../server/node/hub.ts');
    return await startHub({
      ...{ settings, secrets, file, adapters, components, node, logger, clock, turns, onNewer, damaged },
    });
  } catch (error) {
    await adapters.close().catch(() => undefined);
    throw error;
  }
}

function howToGetAToken(settings: Settings): string {
  if (settings.env === 'production') return 'tokens: from your identity provider (see docs/configuration.md)';
  return `tokens: npx pursight token --sub ada --roles steward --tenant demo --ttl 1h   (development only)`;
}

function servesDashboard(settings: Settings, { components }: ServeFlags): boolean {
  return settings.dashboard === 'on' && parseComponents(components, modeOf(settings)).has('api');
}

/** Says where the hub is, and to people at this machine how to come in. `tenant`: undefined without a dashboard. */
function announce(
  context: CommandContext,
  settings: Settings,
  { url, tenant }: { readonly url: string; readonly tenant: string | undefined },
): void {
  context.print(`hub ready ${url}`);
  if (tenant !== undefined) context.print(`dashboard ${dashboardLink(settings, { url, tenant })}`);
  context.print(howToGetAToken(settings));
}

async function serve(context: CommandContext, flags: ServeFlags): Promise<number> {
  const settings = settingsOf(context, { PURSIGHT_CONFIG: flags.config });
  const logger = createLogger({ level: settings.logLevel, node: nodeName(settings) });
  tuneCollector();
  const asked = untilAsked(process, logger);
  const { newer, onNewer } = untilNewer(logger);
  // read before the start: the file may be written anew while the hub runs
  const tenant = servesDashboard(settings, flags) ? usualTenant(hubFileOf(settings, context)) : undefined;
  const hub = await openHub(context, settings, flags, logger, onNewer).catch((error: unknown) => {
    if (!(error instanceof NewerForm)) throw error;
    onNewer(error);
    return undefined;
  });
  if (hub === undefined) return exitCode.failure;
  try {
    announce(context, settings, { url: hub.url, tenant });
  } catch (error) {
    // nobody would be there to stop it
    await hub.stop();
    throw error;
  }
  const { reason, code } = await Promise.race([asked, newer]);
  logger.info({ reason }, 'stopping');
  // what made the process stop may also keep it from stopping
  if (code !== exitCode.ok) setTimeout(() => process.exit(code), settings.drainMs + faultGraceMs).unref();
  await hub.stop();
  // a driver that connects again after it was closed must not keep the process alive
  setTimeout(() => process.exit(code), exitGraceMs).unref();
  return code;
}

export function addServe(program: Command, context: CommandContext, done: (code: number) => void): void {
  program
    .command('serve')
    .description('run the hub')
    .option('--components <list>', `${componentNames.join(',')}: which parts run in this process (default: all)`)
    .option('--config <file>', 'YAML file with connectors and policy (PURSIGHT_CONFIG)')
    .addHelpText('after', '\nSettings come from PURSIGHT_* environment variables; `pursight config` prints them.')
    .addHelpText(
      'after',
      examples('pursight serve', 'PURSIGHT_PORT=9000 pursight serve --config hub.yaml --components gateway,api'),
    )
    .action(async (flags: ServeFlags) => done(await serve(context, flags)));
}
