import type { Command } from 'commander';
import { HubError } from '../channels/protocol/hub-error.ts';
import { bodyBatches, fitsBody } from './body-batches.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, type HubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { readInput } from './read-input.ts';

interface ImportFlags extends HubFlags {
  readonly connector: string;
}

/** Lines that go in one body, from the line `number` of the file on. */
export interface ImportPart {
  readonly number: number;
  readonly text: string;
}

/** Keeps one transaction and one answer of the hub short. */
const maxLines = 5000;

function isComplete(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function tooLarge(number: number, maxBytes: number): HubError {
  return new HubError(
    'message-too-large',
    `line ${number}: the value is larger than the body limit; raise PURSIGHT_MAX_BODY_BYTES (${maxBytes}) of the hub and of this command, or write one entity per line`,
  );
}

/**
 * A file in parts that fit into a body. One value a line is cut between lines; one document over many lines cannot be.
 * Empty lines stay, so that lines count the same in the part and in the file.
 * @throws HubError message-too-large, naming the line
 */
export function* importParts(content: string, maxBytes: number): Generator<ImportPart> {
  const lines = (content.startsWith('\uFEFF') ? content.slice(1) : content).split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first < 0) return;
  if (
    !isComplete(lines[first] ?? '') &&
    lines.slice(first + 1).some((line) => line.trim() !== '') &&
    isComplete(lines.join('\n'))
  ) {
    if (!fitsBody(content, maxBytes)) throw tooLarge(first + 1, maxBytes);
    yield { number: 1, text: lines.join('\n') };
    return;
  }
  const numbered = lines.map((text, index) => ({ number: index + 1, text }));
  const large = numbered.find(({ text }) => !fitsBody(text, maxBytes));
  if (large !== undefined) throw tooLarge(large.number, maxBytes);
  for (const batch of bodyBatches(numbered, { maxItems: maxLines, maxBytes })) {
    const text = batch.map((line) => line.text).join('\n');
    if (text.trim() !== '') yield { number: batch[0]?.number ?? 1, text };
  }
}

/** The hub counts lines within a body; people count them in the file. */
export function inFile(error: HubError, firstNumber: number): HubError {
  const match = /^line (\d+):/.exec(error.message);
  if (match?.[1] === undefined) return error;
  const message = `line ${Number(match[1]) + firstNumber - 1}:${error.message.slice(match[0].length)}`;
  return new HubError(error.code, message, { cause: error });
}

async function postPart(
  api: HubApi,
  path: string,
  part: ImportPart,
): Promise<{ readonly entities: number; readonly events: number }> {
  try {
    const { entities, events } = await api.post(path, part.text, 'application/x-ndjson');
    return { entities: Number(entities), events: Number(events) };
  } catch (error) {
    throw error instanceof HubError ? inFile(error, part.number) : error;
  }
}

async function importFile(context: CommandContext, file: string, flags: ImportFlags): Promise<number> {
  const settings = settingsOf(context);
  const api = createHubApi(context, settings, flags);
  const path = `/v1/import/${encodeURIComponent(flags.connector)}`;
  let entities = 0;
  let events = 0;
  try {
    for (const part of importParts(await readInput(file), settings.maxBodyBytes)) {
      const result = await postPart(api, path, part);
      entities += result.entities;
      events += result.events;
    }
  } catch (error) {
    context.complain(
      `stopped after ${entities} entities; correct the file and run it again; unchanged entities create no event`,
    );
    throw error;
  }
  context.print(`${flags.connector}: ${entities} entities read, ${events} of them new or changed`);
  return exitCode.ok;
}

export function addImport(program: Command, context: CommandContext, done: (code: number) => void): void {
  withHubOptions(program.command('import'))
    .description('load a whole catalog as a baseline; its events are marked as replay')
    .argument(
      '<file>',
      'one asset per line (NDJSON), or an export of Apache Atlas or Microsoft Purview; - reads standard input',
    )
    .option('--connector <id>', 'connector whose catalog it is', 'events')
    .addHelpText(
      'after',
      examples(
        'pursight import catalog.ndjson --connector events',
        'pursight import atlas-export.json --connector atlas',
      ),
    )
    .action(async (file: string, flags: ImportFlags) => done(await importFile(context, file, flags)));
}
