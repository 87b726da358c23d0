import { type Command, InvalidArgumentError } from 'commander';
import type { Hub, HubClientError, JsonObject, Subscription } from '../../client-sdk/index.ts';
import { isJsonObject } from '../../channels/event/json.ts';
import type { HubError } from '../../channels/protocol/hub-error.ts';
import { askedToStop } from './asked-to-stop.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { type HubFlags, hubToken, hubUrl, knownCode, unreachable, wireFault } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';

interface TailFlags extends HubFlags {
  readonly filter?: JsonObject;
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
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number from 1 on');
  return value;
}

/** An error of the client library as one of the hub's own, so that exit codes fit. */
export function fromClient(error: HubClientError, url: string, tokenWasMade: boolean): HubError {
  if (error.code === 'unreachable')
    return unreachable(url, error.message.replace(/^cannot reach the hub at \S+: /, ''), error);
  return wireFault({ code: knownCode(error.code), message: error.message }, tokenWasMade);
}

/** Notes on standard error. Until the first connection without `wait`, `fail` hears why there is none. */
function watch(
  context: CommandContext,
  hub: Hub,
  options: { readonly wait: boolean; readonly fail: (error: HubClientError) => void },
): void {
  let wasLive = false;
  hub.on('status', (status) => {
    wasLive ||= status === 'live';
    context.complain(`[${status}]`);
  });
  hub.on('error', (error) => {
    if (!wasLive && !options.wait) options.fail(error);
    else context.complain(`[${error.code}] ${error.message}`);
  });
  hub.on('notice', (notice) => context.complain(`[${notice.code}] ${notice.message}`));
}

async function print(context: CommandContext, subscription: Subscription, count: number): Promise<void> {
  subscription.on('live', () => context.complain(`[live on ${subscription.channel}]`));
  subscription.on('gap', ({ reason }) => context.complain(`[gap] events may be missing here (${reason})`));
  subscription.on('policy', () => context.complain('[policy] what you may see has changed'));
  let left = count;
  for await (const event of subscription) {
    context.print(JSON.stringify(event));
    left -= 1;
    if (left === 0) return;
  }
}

async function tail(context: CommandContext, channel: string, flags: TailFlags): Promise<number> {
  const settings = settingsOf(context);
  const url = hubUrl(settings, flags);
  const given = flags.token ?? settings.token;
  const { createHub } = await import('../../client-sdk/index.ts');
  // a made token lives for minutes, so each use gets a new one
  const hub = createHub({ url, token: given ?? (() => hubToken(context, settings, flags)), client: 'pursight tail' });
  const stop = askedToStop(exitCode.failure);
  let fault: HubClientError | undefined;
  stop.signal.addEventListener('abort', () => hub.close());
  watch(context, hub, {
    wait: flags.wait === true,
    fail: (error) => {
      fault ??= error;
      hub.close();
    },
  });
  try {
    const subscription = hub.channel(channel, {
      maxBuffered,
      ...(flags.filter === undefined ? {} : { filter: flags.filter }),
    });
    await print(context, subscription, flags.count ?? Number.POSITIVE_INFINITY);
  } catch (error) {
    fault ??= error as HubClientError;
  } finally {
    hub.close();
    stop.release();
  }
  if (fault !== undefined && !stop.signal.aborted) throw fromClient(fault, url, given === undefined);
  return exitCode.ok;
}

export function addTail(program: Command, context: CommandContext, done: (code: number) => void): void {
  withHubOptions(program.command('tail'))
    .description('print events live, one JSON object a line, until Ctrl-C')
    .argument(
      '<channel>',
      'assets, asset:<urn>, domain:<id>, classification:<scheme>/<name or *>, alerts, alert:<id>, lineage:<urn>',
    )
    .option('--filter <json>', 'conditions on the entity', filterOf)
    .option('--count <number>', 'stop after so many events', countOf)
    .option('--wait', 'keep trying when the hub cannot be reached at the start')
    .addHelpText(
      'after',
      examples(
        'pursight tail assets --filter \'{"domain":"retail"}\' | jq .subject',
        "pursight tail 'classification:pii/*' --count 1",
      ),
    )
    .action(async (channel: string, flags: TailFlags) => done(await tail(context, channel, flags)));
}
