import type { Command } from 'commander';
import type { JsonObject, JsonValue } from '../channels/event/json.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { partitionsOf, partitionTable, textOf } from './partition-table.ts';

interface StatusFlags extends HubFlags {
  readonly json?: boolean;
}

const hourMs = 3_600_000;
const columns = ['partition', 'low', 'high', 'lag'] as const;

function hoursText(ms: JsonValue | undefined): string {
  return `${(Number(ms) / hourMs).toLocaleString('en', { maximumFractionDigits: 2 })} hours`;
}

/** What people want to know first. */
function summary(report: JsonObject): readonly string[] {
  const lag = partitionsOf(report).reduce((sum, each) => sum + Number(each['lag']), 0);
  return [
    `epoch:      ${textOf(report['epoch'])}`,
    `written by: ${textOf(report['holder']) || 'nobody'}`,
    `oldest:     ${textOf(report['oldestAt']) || 'no events'}`,
    `kept for:   ${hoursText(report['retentionMs'])}`,
    `behind:     ${lag} events`,
  ];
}

async function status(context: CommandContext, flags: StatusFlags): Promise<number> {
  const report = await createHubApi(context, settingsOf(context), flags).get('/v1/journal');
  if (flags.json === true) context.print(JSON.stringify(report));
  else for (const line of [...summary(report), '', ...partitionTable(report, columns)]) context.print(line);
  return exitCode.ok;
}

export function addJournal(program: Command, context: CommandContext, done: (code: number) => void): void {
  const group = program.command('journal').description('the events that clients resume from');
  withHubOptions(group.command('status'))
    .description('show how far the journal reaches back, which node writes it, and its lag')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('pursight journal status'))
    .action(async (flags: StatusFlags) => done(await status(context, flags)));
}
