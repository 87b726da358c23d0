import type { GapReason, Hub, HubClientError } from '../client-sdk/index.ts';
import type { HubError } from '../channels/protocol/hub-error.ts';
import { askedToStop } from './asked-to-stop.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { type HubFlags, hubToken, hubUrl, knownCode, unreachable, wireFault } from './hub-api.ts';

/** Why events may be missing, for people. */
export const gapTexts: Readonly<Record<GapReason, string>> = {
  reconnected: 'the hub gave no reason',
  log: 'the hub lost records of its log',
  expired: 'the hub no longer recognises the cursor',
  epoch: 'the log of the hub was recreated',
  coverage: 'it is older than the retention of the hub',
  policy: 'the access rights have changed',
  'too-large': 'more events than a replay may hold',
  unavailable: 'the hub could not read its catalog in time',
};

/** An error of the client library as one of the hub's own, so that exit codes fit. */
function fromClient(error: HubClientError, url: string, tokenWasMade: boolean): HubError {
  if (error.code === 'unreachable')
    return unreachable(url, error.message.replace(/^cannot reach the hub at \S+: /, ''), error);
  return wireFault({ code: knownCode(error.code), message: error.message }, tokenWasMade);
}

interface LiveHubOptions {
  /** Told to the hub. */
  readonly client: string;
  /** Keep trying when the hub cannot be reached at the start. */
  readonly wait: boolean;
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

/**
 * Connects, lets `use` work with the connection, and closes it, at the latest when asked to stop: then the result is
 * `stopped`.
 * @throws HubError what the client library says, or why there is no connection; what `use` throws of its own
 */
export async function withLiveHub(
  context: CommandContext,
  flags: HubFlags,
  { client, wait }: LiveHubOptions,
  use: (hub: Hub) => Promise<number>,
): Promise<number | 'stopped'> {
  const settings = settingsOf(context);
  const url = hubUrl(settings, flags);
  const given = flags.token ?? settings.token;
  const { createHub, HubClientError } = await import('../client-sdk/index.ts');
  // a made token lives for minutes, so each use gets a new one
  const hub = createHub({ url, token: given ?? (() => hubToken(context, settings, flags)), client });
  const stop = askedToStop(exitCode.failure);
  let fault: HubClientError | undefined;
  let result: number = exitCode.ok;
  stop.signal.addEventListener('abort', () => hub.close());
  watch(context, hub, {
    wait,
    fail: (error) => {
      fault ??= error;
      hub.close();
    },
  });
  try {
    result = await use(hub);
  } catch (error) {
    // null: it was closed here, for a reason that is known
    if (error instanceof HubClientError) fault ??= error;
    else if (error !== null) throw error;
  } finally {
    hub.close();
    stop.release();
  }
  if (stop.signal.aborted) return 'stopped';
  if (fault !== undefined) throw fromClient(fault, url, given === undefined);
  return result;
}
