import type { Command } from 'commander';
import { HubError } from '../channels/protocol/hub-error.ts';
import { resolveSecrets } from '../server/config/secrets.ts';
import type { SettingEntry } from '../server/config/setting-entry.ts';
import { type Settings, settings as settingTable } from '../server/config/settings.ts';
import { type CommandContext, hubFileOf, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { examples } from './hub-options.ts';
import { outputWidth, renderTable } from './table.ts';

/** One setting with its effective value. A secret never shows its value. */
export interface EffectiveSetting {
  readonly name: string;
  readonly value: string | null;
  readonly source: 'environment' | 'default' | 'unset';
  readonly group: string;
  readonly help: string;
}

/** Every setting with where its value comes from, in the order of the table. */
export function effectiveSettings(environment: CommandContext['environment']): readonly EffectiveSetting[] {
  const entries: readonly SettingEntry[] = Object.values(settingTable);
  return entries.map((entry) => {
    const given = environment[entry.env] ?? '';
    const value = given === '' ? entry.default : given;
    const source = given !== '' ? 'environment' : value === undefined ? 'unset' : 'default';
    const shown = entry.secret === true ? (source === 'environment' ? '(set)' : '(not set)') : (value ?? null);
    return { name: entry.env, value: shown, source, group: entry.group, help: entry.help };
  });
}

/** What is wrong beyond single settings. In development missing secrets are made at start; looking must not make them. */
export function configFaults(
  settings: Settings,
  context: Pick<CommandContext, 'environment' | 'formats'>,
): readonly string[] {
  const attempts = [
    () => hubFileOf(settings, context),
    ...(settings.env === 'production' ? [() => resolveSecrets(settings)] : []),
  ];
  return attempts.flatMap((attempt) => {
    try {
      attempt();
      return [];
    } catch (error) {
      return HubError.from(error).message.split('\n');
    }
  });
}

function config(context: CommandContext, flags: { readonly json?: boolean }): number {
  const settings = settingsOf(context);
  const effective = effectiveSettings(context.environment);
  if (flags.json === true) for (const each of effective) context.print(JSON.stringify(each));
  else {
    const rows = effective.map(({ name, value, source }) => [name, source, value ?? '-']);
    for (const line of renderTable({ columns: ['setting', 'from', 'value'], rows, width: outputWidth() }))
      context.print(line);
  }
  const faults = configFaults(settings, context);
  if (faults.length > 0) throw new HubError('config-invalid', faults.join('\n'));
  return exitCode.ok;
}

export function addConfig(program: Command, context: CommandContext, done: (code: number) => void): void {
  program
    .command('config')
    .description('print the effective settings and everything that is wrong with them')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', examples('PURSIGHT_PORT=9000 pursight config'))
    .action((flags: { readonly json?: boolean }) => done(config(context, flags)));
}
