import { type Command, Option } from 'commander';
import { isJsonObject, type JsonObject } from '../channels/event/json.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { partitionsOf, textOf } from './partition-table.ts';
import { outputWidth, renderTable } from './table.ts';

interface ListFlags extends HubFlags {
  readonly json?: boolean;
}

interface ResetFlags extends HubFlags {
  readonly to: string;
}

/** A line for each partition, and one for a connector of which nothing was read. */
function rowsOf(connector: JsonObject): readonly (readonly string[])[] {
  const [id, topic] = [textOf(connector['id']), textOf(connector['topic'])];
  const partitions = partitionsOf(connector);
  if (partitions.length === 0) return [[id, topic, '', '', '']];
  return partitions.map((each) => [id, topic, ...['partition', 'next', 'refused'].map((key) => textOf(each[key]))]);
}

function printAll(context: CommandContext, connectors: readonly JsonObject[]): void {
  const columns = ['id', 'topic', 'partition', 'next', 'refused'];
  const rows = connectors.flatMap(rowsOf);
  for (const line of renderTable({ columns, rows, width: outputWidth() })) context.print(line);
}

async function list(context: CommandContext, flags: ListFlags): Promise<number> {
  const { connectors } = await createHubApi(context, settingsOf(context), flags).get('/v1/connectors');
  const found = Array.isArray(connectors) ? connectors.filter((item) => isJsonObject(item)) : [];
  if (flags.json === true) for (const connector of found) context.print(JSON.stringify(connector));
  else if (found.length === 0) context.print('no connectors');
  else printAll(context, found);
  return exitCode.ok;
}

async function reset(context: CommandContext, id: string, { to, ...flags }: ResetFlags): Promise<number> {
  const path = `/v1/connectors/${encodeURIComponent(id)}/reset`;
  const state = await createHubApi(context, settingsOf(context), flags).post(path, JSON.stringify({ to }));
  context.print(`${id} resumes at the ${to} of its topic`);
  if (partitionsOf(state).length > 0) printAll(context, [state]);
  return exitCode.ok;
}

export function addConnectors(program: Command, context: CommandContext, done: (code: number) => void): void {
  const group = program.command('connectors').description('read positions of topics, and resetting them');
  withHubOptions(group.command('list'))
    .description('list the connectors of your tenant with the next offset of each partition')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', examples('pursight connectors list'))
    .action(async (flags: ListFlags) => done(await list(context, flags)));
  withHubOptions(group.command('reset'))
    .description('set the position of a connector whose topic was deleted and recreated')
    .argument('<id>')
    .addOption(
      new Option('--to <place>', 'beginning: read everything in the topic; end: only new messages')
        .choices(['beginning', 'end'])
        .makeOptionMandatory(),
    )
    .addHelpText('after', examples('pursight connectors reset atlas --to beginning'))
    .action(async (id: string, flags: ResetFlags) => done(await reset(context, id, flags)));
}
