import type { Command } from 'commander';
import { isJsonObject, type JsonObject, type JsonValue } from '../../channels/event/json.ts';
import { HubError } from '../../channels/protocol/hub-error.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { outputWidth, renderTable } from './table.ts';

interface StatusFlags extends HubFlags {
  readonly json?: boolean;
}

interface EpochFlags extends HubFlags {
  readonly partitions?: string;
}

const columns = ['partition', 'first', 'next', 'position'] as const;

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '-';
}

function partitionsOf(status: JsonObject): readonly JsonObject[] {
  const { partitions } = status;
  return Array.isArray(partitions) ? partitions.filter((each) => isJsonObject(each)) : [];
}

async function status(context: CommandContext, flags: StatusFlags): Promise<number> {
  const found = await createHubApi(context, settingsOf(context), flags).get('/v1/log');
  if (flags.json === true) {
    context.print(JSON.stringify(found));
    return exitCode.ok;
  }
  const rows = partitionsOf(found).map((each) => columns.map((column) => textOf(each[column])));
  const summary = [`epoch: ${textOf(found['epoch'])}`, `topic: ${textOf(found['topic'])}`, ''];
  for (const line of [...summary, ...renderTable({ columns, rows, width: outputWidth() })]) context.print(line);
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
  context.print(`epoch ${textOf(begun['epoch'])} with ${textOf(begun['partitions'])} partitions`);
  return exitCode.ok;
}

export function addLog(program: Command, context: CommandContext, done: (code: number) => void): void {
  const group = program.command('log').description('the event log of the deployment');
  withHubOptions(group.command('status'))
    .description('epoch, topic and, of each partition, first and next offset and how far this gateway is')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('pursight log status'))
    .action(async (flags: StatusFlags) => done(await status(context, flags)));
  withHubOptions(group.command('new-epoch'))
    .description('go on in a new topic; nothing is lost, no client notices')
    .option('--partitions <count>', 'partitions of the new topic; as many as before by default')
    .addHelpText('after', examples('pursight log new-epoch --partitions 16'))
    .action(async (flags: EpochFlags) => done(await newEpoch(context, flags)));
}
