import { type Command, InvalidArgumentError } from 'commander';
import type { AnyWireEvent, GapReason, Hub } from '../client-sdk/index.ts';
import type { CommandContext } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import type { HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { gapTexts, withLiveHub } from './live-hub.ts';
import { filterOf } from './tail.ts';
import { wantedOf, type WantedFlags, withFormOptions } from './wanted-form.ts';

interface ReplayFlags extends HubFlags, WantedFlags {
  readonly since: string;
  readonly json?: boolean;
}

/** @throws InvalidArgumentError for what is no time, or a time without an offset, which each reader would take for another */
export function timeOf(raw: string): string {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/i.test(raw)) {
    const time = new Date(raw);
    if (!Number.isNaN(time.getTime())) return time.toISOString();
  }
  throw new InvalidArgumentError('must be a time with an offset, for example 2026-01-06T09:30:00Z');
}

/** One event for people: when, what it means for the selection, what happened, to whom. */
function lineOf(event: AnyWireEvent): string {
  const what = event.kind === 'leave' ? event.reason : (event.type ?? '');
  return [event.recordedtime, event.kind, what, event.subject].join(' ');
}

/** Resolves when all has come; with the reason, when it cannot be had. */
function play(
  hub: Hub,
  channel: string,
  flags: ReplayFlags,
  print: (event: AnyWireEvent) => void,
): Promise<GapReason | null> {
  const subscription = hub.channel(channel, { since: flags.since, ...wantedOf(flags) });
  return new Promise((resolve, reject) => {
    subscription.on('gap', ({ reason }) => resolve(reason));
    subscription.on('live', () => resolve(null));
    subscription.on('ended', reject);
    subscription.on('event', print);
  });
}

async function replay(context: CommandContext, channel: string, flags: ReplayFlags): Promise<number> {
  let events = 0;
  const print = (event: AnyWireEvent): void => {
    events += 1;
    context.print(flags.json ? JSON.stringify(event) : lineOf(event));
  };
  const result = await withLiveHub(context, flags, { client: 'pursight replay', wait: false }, async (hub) => {
    const missing = await play(hub, channel, flags, print);
    if (missing === null) context.complain(`[${events} events, complete up to now]`);
    else
      context.complain(`pursight: not everything since ${flags.since} is available: ${gapTexts[missing]} (${missing})`);
    return missing === null ? exitCode.ok : exitCode.failure;
  });
  // what was printed is not all
  return result === 'stopped' ? exitCode.failure : result;
}

export function addReplay(program: Command, context: CommandContext, done: (code: number) => void): void {
  withFormOptions(withHubOptions(program.command('replay')))
    .description('print the events since a time, in order, and exit')
    .argument('<channel>', 'as for tail')
    .requiredOption('--since <time>', 'RFC 3339 time with an offset', timeOf)
    .option('--filter <json>', 'conditions on the entity', filterOf)
    .option('--json', 'one JSON object per line')
    .addHelpText(
      'after',
      examples(
        'pursight replay assets --since 2026-01-06T09:30:00Z',
        "pursight replay 'classification:pii/*' --since 2026-01-06T00:00:00+01:00 --json | jq .subject",
      ),
    )
    .action(async (channel: string, flags: ReplayFlags) => done(await replay(context, channel, flags)));
}
