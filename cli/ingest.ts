import { type Command, Option } from 'commander';
import { isJsonList, isJsonObject, type JsonObject } from '../channels/event/json.ts';
import { bodyBatches, fitsBody } from './body-batches.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, faultOf, type HubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { jsonValues, type PlacedValue } from './json-values.ts';
import { readInput } from './read-input.ts';

interface IngestFlags extends HubFlags {
  /** Name of one of the formats that connectors may have. */
  readonly format: string;
  readonly connector?: string;
}

/** What happened to the messages so far. */
interface Tally {
  accepted: number;
  duplicates: number;
  rejected: number;
}

const maxBatchItems = 500;
/** Of a JSON array of messages, where the format has one of its own. */
const contentTypes: Readonly<Record<string, string>> = { cloudevents: 'application/cloudevents-batch+json' };
/** As in the built-in development configuration; the hub does not list its connectors. Others are called like the format. */
const usualConnectors: Readonly<Record<string, string>> = { cloudevents: 'events' };

/** One rejected message, as a person reads it. */
export function rejectionLine(at: string, rejection: JsonObject): string {
  const { code, message, deadLetter } = rejection;
  return `${at}: ${typeof code === 'string' ? code : 'internal'}: ${typeof message === 'string' ? message : ''}${typeof deadLetter === 'string' ? ` (dead letter ${deadLetter})` : ''}`;
}

/** @throws HubError when the hub refused the request as a whole */
async function postBatch(
  api: HubApi,
  path: string,
  flags: IngestFlags,
  batch: readonly PlacedValue[],
): Promise<JsonObject> {
  const body = `[${batch.map((value) => value.text).join(',')}]`;
  const answer = await api.send('POST', path, body, contentTypes[flags.format] ?? 'application/json');
  if (Array.isArray(answer.body['rejected'])) return answer.body;
  throw faultOf(answer, (flags.token ?? '') === '');
}

function countAnswer(context: CommandContext, tally: Tally, batch: readonly PlacedValue[], answer: JsonObject): void {
  tally.accepted += Number(answer['accepted']);
  tally.duplicates += Number(answer['duplicates']);
  const rejected = answer['rejected'];
  for (const rejection of isJsonList(rejected) ? rejected : []) {
    if (!isJsonObject(rejection)) continue;
    tally.rejected++;
    context.complain(rejectionLine(batch[Number(rejection['index'])]?.at ?? 'unknown place', rejection));
  }
}

function sendable(context: CommandContext, tally: Tally, content: string, maxBytes: number): readonly PlacedValue[] {
  const refuse = (at: string, code: string, message: string): [] => {
    tally.rejected++;
    context.complain(rejectionLine(at, { code, message }));
    return [];
  };
  return jsonValues(content).flatMap((value) => {
    if ('fault' in value) return refuse(value.at, 'invalid-json', value.fault);
    if (fitsBody(value.text, maxBytes)) return [value];
    return refuse(value.at, 'message-too-large', `larger than the body limit (PURSIGHT_MAX_BODY_BYTES=${maxBytes})`);
  });
}

async function ingest(context: CommandContext, file: string, flags: IngestFlags): Promise<number> {
  const settings = settingsOf(context);
  const api = createHubApi(context, settings, flags);
  const connector = flags.connector ?? usualConnectors[flags.format] ?? flags.format;
  const path = `/v1/ingest/${encodeURIComponent(connector)}`;
  const tally: Tally = { accepted: 0, duplicates: 0, rejected: 0 };
  const values = sendable(context, tally, await readInput(file), settings.maxBodyBytes);
  const summary = (): string =>
    `${tally.accepted} accepted, ${tally.duplicates} already known, ${tally.rejected} rejected`;
  try {
    for (const batch of bodyBatches(values, { maxItems: maxBatchItems, maxBytes: settings.maxBodyBytes })) {
      countAnswer(context, tally, batch, await postBatch(api, path, flags, batch));
    }
  } catch (error) {
    const sent = tally.accepted + tally.duplicates + tally.rejected > 0;
    if (sent)
      context.complain(`stopped after: ${summary()}; run it again, accepted messages are recognised as duplicates`);
    throw error;
  }
  context.print(`${connector}: ${summary()}`);
  return tally.rejected > 0 ? exitCode.rejected : exitCode.ok;
}

export function addIngest(program: Command, context: CommandContext, done: (code: number) => void): void {
  withHubOptions(program.command('ingest'))
    .description('send native messages from a file to a connector')
    .argument('<file>', 'one JSON message, a JSON array or one message per line (NDJSON); - reads standard input')
    .addOption(
      new Option('--format <format>', 'what the messages are')
        .choices(context.formats.map(({ name }) => name))
        .makeOptionMandatory(),
    )
    .option(
      '--connector <id>',
      'connector that ingests them (default: "events" for cloudevents, else the name of the format)',
    )
    .addHelpText(
      'after',
      examples(
        'pursight ingest examples/feed/bank.cloudevents.ndjson --format cloudevents',
        'kafka-dump | pursight ingest - --format atlas --connector northbank-atlas',
      ),
    )
    .action(async (file: string, flags: IngestFlags) => done(await ingest(context, file, flags)));
}
