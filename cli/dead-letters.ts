import { type Command, InvalidArgumentError } from 'commander';
import { isJsonObject, type JsonObject } from '../channels/event/json.ts';
import { HubError } from '../channels/protocol/hub-error.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, faultOf, type HubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { oneLine, outputWidth, renderTable } from './table.ts';

interface ListFlags extends HubFlags {
  readonly connector?: string;
  readonly limit: number;
  readonly json?: boolean;
}

interface RetryFlags extends HubFlags {
  readonly connector?: string;
  readonly all?: boolean;
}

const path = '/v1/deadletters';
const maxPage = 1000;

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((item: unknown) => isJsonObject(item)) : [];
}

/** Newest first, page by page, at most `limit`. */
async function fetchLetters(
  api: HubApi,
  { connector, limit }: { readonly connector?: string | undefined; readonly limit: number },
): Promise<readonly JsonObject[]> {
  const letters: JsonObject[] = [];
  while (letters.length < limit) {
    const size = Math.min(maxPage, limit - letters.length);
    const query = new URLSearchParams({ limit: String(size) });
    if (connector !== undefined) query.set('connector', connector);
    const after = letters.at(-1)?.['id'];
    if (typeof after === 'string') query.set('after', after);
    const page = objects((await api.get(`${path}?${query.toString()}`))['deadLetters']);
    letters.push(...page);
    if (page.length < size) break;
  }
  return letters;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

async function list(context: CommandContext, flags: ListFlags): Promise<number> {
  const letters = await fetchLetters(createHubApi(context, settingsOf(context), flags), flags);
  if (flags.json === true) for (const letter of letters) context.print(JSON.stringify(letter));
  else if (letters.length === 0) context.print('no dead letters');
  else {
    const columns = ['id', 'at', 'connector', 'bytes', 'code', 'reason'];
    const rows = letters.map((letter) =>
      ['id', 'at', 'connector', 'size', 'code', 'reason'].map((key) => text(letter[key])),
    );
    for (const line of renderTable({ columns, rows, width: outputWidth() })) context.print(line);
  }
  return exitCode.ok;
}

/** Text when the bytes are UTF-8, else base64. */
export function contentOf(base64: unknown): string {
  if (typeof base64 !== 'string') return '(no bytes: a record without a value)';
  const bytes = Buffer.from(base64, 'base64');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return `base64:${base64}`;
  }
}

async function show(
  context: CommandContext,
  id: string,
  flags: HubFlags & { readonly json?: boolean },
): Promise<number> {
  const letter = await createHubApi(context, settingsOf(context), flags).get(`${path}/${encodeURIComponent(id)}`);
  if (flags.json === true) {
    context.print(JSON.stringify(letter));
    return exitCode.ok;
  }
  const { bytes, ...rest } = letter;
  for (const [key, value] of Object.entries(rest)) {
    context.print(`${key.padEnd(10)} ${oneLine(typeof value === 'string' ? value : JSON.stringify(value))}`);
  }
  context.print('');
  for (const line of contentOf(bytes).split('\n')) context.print(oneLine(line));
  return exitCode.ok;
}

/** True when it was done. Rejected again is an answer, not a fault of the command. */
async function workOnOne(
  context: CommandContext,
  api: HubApi,
  { id, action }: { readonly id: string; readonly action: 'retry' | 'discard' },
): Promise<boolean> {
  const { status, body } = await api.send('POST', `${path}/${encodeURIComponent(id)}/${action}`);
  if (status < 400) {
    context.print(`${id}: ${text(body['result'])}`);
    return true;
  }
  const error = faultOf({ status, body });
  if ([401, 429].includes(status) || status >= 500) throw error;
  context.complain(`${id}: ${error.code}: ${error.message}`);
  return false;
}

async function workOn(
  context: CommandContext,
  action: 'retry' | 'discard',
  id: string | undefined,
  flags: RetryFlags,
): Promise<number> {
  if ((id === undefined) === (flags.all !== true))
    throw new HubError('config-invalid', `${action}: give the id of one dead letter, or --all`);
  const api = createHubApi(context, settingsOf(context), flags);
  const all =
    id === undefined ? await fetchLetters(api, { connector: flags.connector, limit: Number.MAX_SAFE_INTEGER }) : [];
  // oldest first, as they came
  const ids = id === undefined ? all.map((letter) => text(letter['id'])).toReversed() : [id];
  let done = 0;
  for (const each of ids) if (await workOnOne(context, api, { id: each, action })) done++;
  const left = ids.length - done;
  context.print(action === 'retry' ? `${done} accepted, ${left} rejected again` : `${done} discarded, ${left} left`);
  return done === ids.length ? exitCode.ok : exitCode.rejected;
}

function limitOf(raw: string): number {
  const value = Number(raw);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number of at least 1');
  return value;
}

export function addDeadLetters(program: Command, context: CommandContext, done: (code: number) => void): void {
  const group = program.command('deadletters').description('rejected messages: see why, and retry them');
  withHubOptions(group.command('list'))
    .description('list them, newest first')
    .option('--connector <id>', 'of this connector only')
    .option('--limit <number>', 'at most this many', limitOf, 100)
    .option('--json', 'one JSON object per line')
    .addHelpText('after', examples('pursight deadletters list --connector atlas --limit 20'))
    .action(async (flags: ListFlags) => done(await list(context, flags)));
  withHubOptions(group.command('show'))
    .description('show one with the original message')
    .argument('<id>')
    .option('--json', 'as JSON, the message in base64')
    .addHelpText('after', examples('pursight deadletters show 0198c2f4'))
    .action(async (id: string, flags: HubFlags) => done(await show(context, id, flags)));
  withHubOptions(group.command('retry'))
    .description('ingest it again; what is rejected again stays')
    .argument('[id]')
    .option('--all', 'all, oldest first')
    .option('--connector <id>', 'with --all: of this connector only')
    .addHelpText(
      'after',
      examples('pursight deadletters retry 0198c2f4', 'pursight deadletters retry --all --connector atlas'),
    )
    .action(async (id: string | undefined, flags: RetryFlags) => done(await workOn(context, 'retry', id, flags)));
  withHubOptions(group.command('discard'))
    .description('remove it permanently without ingesting it')
    .argument('[id]')
    .option('--all', 'all')
    .option('--connector <id>', 'with --all: of this connector only')
    .addHelpText(
      'after',
      examples('pursight deadletters discard 0198c2f4', 'pursight deadletters discard --all --connector atlas'),
    )
    .action(async (id: string | undefined, flags: RetryFlags) => done(await workOn(context, 'discard', id, flags)));
}
