import type { Command } from 'commander';
import { HubError } from '../channels/protocol/hub-error.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { partitionTable, textOf } from './partition-table.ts';

interface StatusFlags extends HubFlags {
  readonly json?: boolean;
}

interface EpochFlags extends HubFlags {
  readonly partitions?: string;
}

const columns = ['partition', 'first', 'next', 'position'] as const;
const missing = '-';

async function status(context: CommandContext, flags: StatusFlags): Promise<number> {
  const found = await createHubApi(context, settingsOf(context), flags).get('/v1/log');
  if (flags.json === true) {
    context.print(JSON.stringify(found));
    return exitCode.ok;
  }
  const summary = [`epoch: ${textOf(found['epoch'], missing)}`, `topic: ${textOf(found['topic'], missing)}`, ''];
  for (const line of [...summary, ...partitionTable(found, columns, missing)]) context.print(line);
  const { gatewayEpoch } = found;
  if (typeof gatewayEpoch === 'string' && gatewayEpoch !== found['epoch'])
    context.complain(`this gateway still reads the rest of epoch ${gatewayEpoch}`);
  return exitCode.ok;
}

async function newEpoch(context: CommandContext, { partitions, ...flags }: EpochFlags): Promise<number> {
  if (partitions !== undefined && !/^[1-9]\d{0,2}$/.test(partitions))
    throw new HubError('config-invalid', '--partitions: must be a whole number from 1 to 512');
  const body = JSON.stringify(partitions === undefined ? {} : { partitions: Number(partitions) });
  const begun = await createHubApi(context, settingsOf(context), flags).post('/v1/log/epoch', body);
  context.print(`epoch ${textOf(begun['epoch'], missing)} with ${textOf(begun['partitions'], missing)} partitions`);
  return exitCode.ok;
}

export function addLog(program: Command, context: CommandContext, done: (code: number) => void): void {
  const group = program.command('log').description('the event log of the deployment');
  withHubOptions(group.command('status'))
    .description(
      'show epoch and topic, and for each partition the first and next offset and the position of this gateway',
    )
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('pursight log status'))
    .action(async (flags: StatusFlags) => done(await status(context, flags)));
  withHubOptions(group.command('new-epoch'))
    .description('continue in a new topic; nothing is lost and clients are not interrupted')
    .option('--partitions <count>', 'partitions of the new topic (default: as many as before)')
    .addHelpText('after', examples('pursight log new-epoch --partitions 16'))
    .action(async (flags: EpochFlags) => done(await newEpoch(context, flags)));
}
