import { type Command, InvalidArgumentError } from 'commander';
import type { JsonObject } from '../channels/event/json.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { addSearchIndex } from './search-index.ts';
import { objectsIn, searchLines, totalText } from './search-lines.ts';
import { searchLive } from './search-live.ts';
import { outputWidth } from './table.ts';
import { countOf, filterOf } from './tail.ts';

export interface SearchFlags extends HubFlags {
  readonly channel?: string;
  readonly filter?: JsonObject;
  readonly facets?: string;
  readonly sort?: string;
  readonly limit?: number;
  readonly strategy?: 'all' | 'last';
  readonly json?: boolean;
  readonly live?: boolean;
}

function listOf(raw: string | undefined): readonly string[] | undefined {
  return raw?.split(',').map((name) => name.trim());
}

function strategyOf(raw: string): 'all' | 'last' {
  if (raw === 'all' || raw === 'last') return raw;
  throw new InvalidArgumentError('must be all or last');
}

function print(context: CommandContext, answer: JsonObject, asJson: boolean): void {
  if (asJson) {
    for (const hit of objectsIn(answer['hits'])) context.print(JSON.stringify(hit));
    const { total, facets } = answer;
    context.complain(JSON.stringify({ total, facets }));
    return;
  }
  for (const line of searchLines(answer, outputWidth())) context.print(line);
  context.complain(totalText(answer['total']));
}

async function search(context: CommandContext, words: readonly string[], flags: SearchFlags): Promise<number> {
  const { channel, filter, limit, strategy, json = false, live = false } = flags;
  const facets = listOf(flags.facets);
  const sort = listOf(flags.sort);
  const body = { q: words.join(' '), channel, filter, facets, sort, limit, strategy, highlight: json };
  if (live) return searchLive(context, body, flags);
  const api = createHubApi(context, settingsOf(context), flags);
  print(context, await api.post('/v1/search', JSON.stringify(body)), json);
  return exitCode.ok;
}

export function addSearch(program: Command, context: CommandContext, done: (code: number) => void): void {
  const group = withHubOptions(program.command('search'));
  group
    .description('search the catalog by words, as it is now, or from now on')
    .argument('[words...]', 'what to search for; nothing for everything')
    .option('--channel <channel>', 'assets (default), alerts, domain:<id>, ...')
    .option('--filter <json>', 'conditions on the entity', filterOf)
    .option('--facets <fields>', 'count the values of these fields: kind, type, platform, domain, owners, tags, ...')
    .option('--sort <fields>', 'order of what matches equally well; "-" before a field for descending')
    .option('--limit <number>', 'hits at most, up to 100 (default: 20)', countOf)
    .option('--strategy <name>', 'all words (default), or last: give up words from the end', strategyOf)
    .option('--live', 'keep the result up to date until Ctrl-C; into a pipe, a line for each change')
    .option('--json', 'one JSON object per line, with highlights')
    .addHelpText(
      'after',
      examples(
        'pursight search customer orders',
        'pursight search --live orders --limit 10',
        'pursight search acount --facets platform,domain --filter \'{"status":"active"}\'',
      ),
    )
    .action(async (words: readonly string[], flags: SearchFlags) => done(await search(context, words, flags)));
  addSearchIndex(group, context, done);
}
