import { type Command, InvalidArgumentError } from 'commander';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../channels/event/json.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { addSearchIndex } from './search-index.ts';
import { outputWidth, renderTable } from './table.ts';
import { countOf, filterOf } from './tail.ts';

interface SearchFlags extends HubFlags {
  readonly channel?: string;
  readonly filter?: JsonObject;
  readonly facets?: string;
  readonly sort?: string;
  readonly limit?: number;
  readonly strategy?: string;
  readonly json?: boolean;
}

const columns = ['name', 'type', 'platform', 'domain', 'urn'] as const;

function listOf(raw: string | undefined): readonly string[] | undefined {
  return raw?.split(',').map((name) => name.trim());
}

function strategyOf(raw: string): string {
  if (raw === 'all' || raw === 'last') return raw;
  throw new InvalidArgumentError('must be all or last');
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return isJsonList(value) ? value.filter((item) => isJsonObject(item)) : [];
}

function rowOf({ entity }: JsonObject): readonly string[] {
  return columns.map((name) => (isJsonObject(entity) ? textOf(entity[name]) : ''));
}

/** One line for each field: `domain: retail 12, risk 3`. */
function facetLines(facets: JsonValue | undefined): readonly string[] {
  return Object.entries(isJsonObject(facets) ? facets : {}).map(([field, counts]) => {
    const texts = objectsIn(counts).map(({ value, count }) => `${textOf(value)} ${textOf(count)}`);
    return `${field}: ${texts.length === 0 ? '-' : texts.join(', ')}`;
  });
}

function totalText(total: JsonValue | undefined): string {
  if (!isJsonObject(total)) return '';
  const { value, relation } = total;
  return `${relation === 'atLeast' ? 'at least ' : ''}${textOf(value)} found`;
}

function print(context: CommandContext, answer: JsonObject, asJson: boolean): void {
  const hits = objectsIn(answer['hits']);
  if (asJson) {
    for (const hit of hits) context.print(JSON.stringify(hit));
    const { total, facets } = answer;
    context.complain(JSON.stringify({ total, facets }));
    return;
  }
  if (hits.length > 0)
    for (const line of renderTable({ columns, rows: hits.map(rowOf), width: outputWidth() })) context.print(line);
  for (const line of facetLines(answer['facets'])) context.print(line);
  context.complain(totalText(answer['total']));
}

async function search(context: CommandContext, words: readonly string[], flags: SearchFlags): Promise<number> {
  const { channel, filter, limit, strategy, json = false } = flags;
  const facets = listOf(flags.facets);
  const sort = listOf(flags.sort);
  const body = { q: words.join(' '), channel, filter, facets, sort, limit, strategy, highlight: json };
  const api = createHubApi(context, settingsOf(context), flags);
  print(context, await api.post('/v1/search', JSON.stringify(body)), json);
  return exitCode.ok;
}

export function addSearch(program: Command, context: CommandContext, done: (code: number) => void): void {
  const group = withHubOptions(program.command('search'));
  group
    .description('search the catalog as it is now, by words')
    .argument('[words...]', 'what to search for; nothing for everything')
    .option('--channel <channel>', 'assets (default), alerts, domain:<id>, ...')
    .option('--filter <json>', 'conditions on the entity', filterOf)
    .option('--facets <fields>', 'count the values of these fields: kind, type, platform, domain, owners, tags, ...')
    .option('--sort <fields>', 'order of what matches equally well; "-" before a field for descending')
    .option('--limit <number>', 'hits at most, up to 100 (default: 20)', countOf)
    .option('--strategy <name>', 'all words (default), or last: give up words from the end', strategyOf)
    .option('--json', 'one JSON object per line, with highlights')
    .addHelpText(
      'after',
      examples(
        'pursight search customer orders',
        'pursight search acount --facets platform,domain --filter \'{"status":"active"}\'',
      ),
    )
    .action(async (words: readonly string[], flags: SearchFlags) => done(await search(context, words, flags)));
  addSearchIndex(group, context, done);
}
