import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { isJsonObject, type JsonObject, type JsonValue } from '../channels/event/json.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, type HubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { textOf } from './partition-table.ts';

interface StatusFlags extends HubFlags {
  readonly json?: boolean;
}

interface OrderFlags extends HubFlags {
  readonly wait?: boolean;
}

const path = '/v1/search/index';
const lookEveryMs = 300;
const missing = '-';

/** `checked 12, missing 0` */
function resultText(result: JsonValue | undefined): string {
  const members = Object.entries(isJsonObject(result) ? result : {});
  return members.map(([name, value]) => `${name} ${textOf(value)}`).join(', ');
}

function lastText(last: JsonValue | undefined): string {
  if (!isJsonObject(last)) return missing;
  const { kind, state, at, result } = last;
  const counts = resultText(result);
  return `${textOf(kind)} ${textOf(state)} at ${textOf(at)}${counts === '' ? '' : `: ${counts}`}`;
}

function summary(status: JsonObject): readonly string[] {
  return [
    `engine:     ${textOf(status['engine'])}`,
    `state:      ${textOf(status['state'])}`,
    `documents:  ${textOf(status['documents'], missing)}`,
    `behind:     ${textOf(status['behind'], missing)} events`,
    `written by: ${textOf(status['writer'], missing)}`,
    `build:      ${textOf(status['build'], missing)}`,
    `last order: ${lastText(status['last'])}`,
  ];
}

async function status(context: CommandContext, flags: StatusFlags): Promise<number> {
  const found = await createHubApi(context, settingsOf(context), flags).get(path);
  if (flags.json === true) context.print(JSON.stringify(found));
  else for (const line of summary(found)) context.print(line);
  return exitCode.ok;
}

/** The report of an order, when it has come to an end. */
async function ended(api: HubApi, id: string): Promise<JsonObject> {
  for (;;) {
    const { last } = await api.get(path);
    if (isJsonObject(last) && last['id'] === id && last['state'] !== 'running') return last;
    await pause(lookEveryMs);
  }
}

async function order(context: CommandContext, kind: string, { wait = true, ...flags }: OrderFlags): Promise<number> {
  const api = createHubApi(context, settingsOf(context), flags);
  const id = textOf((await api.post(`${path}/${kind}`, '{}'))['id']);
  if (!wait) {
    context.print(id);
    return exitCode.ok;
  }
  const last = await ended(api, id);
  context.print(`${kind} ${textOf(last['state'])}: ${resultText(last['result'])}`);
  return last['state'] === 'done' ? exitCode.ok : exitCode.rejected;
}

/** Commands about the index, below `search`, which takes the options that both have: a search for one of these words alone needs a space after it, in quotes. */
export function addSearchIndex(group: Command, context: CommandContext, done: (code: number) => void): void {
  withHubOptions(group.command('status'))
    .description('show the engine of the search index, its state, which node writes it, and how far it is behind')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('pursight search status'))
    .action(async (_flags, command: Command) => done(await status(context, command.optsWithGlobals())));
  withHubOptions(group.command('rebuild'))
    .description('build the search index anew beside the one that is searched, and replace it')
    .option('--no-wait', 'print the id of the order instead of waiting until it is done')
    .addHelpText('after', examples('pursight search rebuild'))
    .action(async (_flags, command: Command) => done(await order(context, 'rebuild', command.optsWithGlobals())));
  withHubOptions(group.command('verify'))
    .description('compare the search index with the catalog, document by document, and correct it')
    .option('--no-wait', 'print the id of the order instead of waiting until it is done')
    .addHelpText('after', examples('pursight search verify'))
    .action(async (_flags, command: Command) => done(await order(context, 'verify', command.optsWithGlobals())));
}
