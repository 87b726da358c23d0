import { type Command, InvalidArgumentError } from 'commander';
import type { JsonObject, Subscription } from '../client-sdk/index.ts';
import { isJsonObject } from '../channels/event/json.ts';
import type { CommandContext } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import type { HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { gapTexts, withLiveHub } from './live-hub.ts';
import { wantedOf, type WantedFlags, withFormOptions } from './wanted-form.ts';

interface TailFlags extends HubFlags, WantedFlags {
  readonly count?: number;
  readonly wait?: boolean;
}

/** A burst that the terminal cannot print as fast as it comes must not end the subscription. */
const maxBuffered = 100_000;

export function filterOf(raw: string): JsonObject {
  try {
    const filter: unknown = JSON.parse(raw);
    if (isJsonObject(filter)) return filter;
  } catch {
    // the same answer as for JSON that is no object
  }
  throw new InvalidArgumentError('must be a JSON object, for example \'{"domain":"retail"}\'');
}

export function countOf(raw: string): number {
  const value = Number(raw);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number of at least 1');
  return value;
}

async function print(context: CommandContext, subscription: Subscription<object>, count: number): Promise<void> {
  subscription.on('live', () => context.complain(`[live on ${subscription.channel}]`));
  subscription.on('gap', ({ reason }) =>
    context.complain(`[gap] events may be missing here: ${gapTexts[reason]} (${reason})`),
  );
  subscription.on('policy', () => context.complain('[policy] your access rights have changed'));
  let left = count;
  for await (const event of subscription) {
    context.print(JSON.stringify(event));
    left -= 1;
    if (left === 0) return;
  }
}

async function tail(context: CommandContext, channel: string, flags: TailFlags): Promise<number> {
  const { count = Number.POSITIVE_INFINITY, wait = false } = flags;
  const result = await withLiveHub(context, flags, { client: 'pursight tail', wait }, async (hub) => {
    await print(context, hub.channel(channel, { maxBuffered, ...wantedOf(flags) }), count);
    return exitCode.ok;
  });
  return result === 'stopped' ? exitCode.ok : result;
}

export function addTail(program: Command, context: CommandContext, done: (code: number) => void): void {
  withFormOptions(withHubOptions(program.command('tail')))
    .description('print events live, one JSON object per line, until Ctrl-C')
    .argument(
      '<channel>',
      'assets, asset:<urn>, domain:<id>, classification:<scheme>/<name or *>, alerts, alert:<id>, lineage:<urn>',
    )
    .option('--filter <json>', 'conditions on the entity', filterOf)
    .option('--count <number>', 'stop after this many events', countOf)
    .option('--wait', 'keep trying when the hub cannot be reached at the start')
    .addHelpText(
      'after',
      examples(
        'pursight tail assets --filter \'{"domain":"retail"}\' | jq .subject',
        "pursight tail 'classification:pii/*' --count 1",
        'pursight tail assets --shape entity --fields name,owners,tags',
      ),
    )
    .action(async (channel: string, flags: TailFlags) => done(await tail(context, channel, flags)));
}
