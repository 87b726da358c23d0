import type { Command } from 'commander';
import { isJsonObject, type JsonValue } from '../channels/event/json.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { outputWidth, renderTable } from './table.ts';

interface ListFlags extends HubFlags {
  readonly json?: boolean;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

const keys = ['id', 'sub', 'roles', 'connectedAt', 'node', 'client'] as const;

async function list(context: CommandContext, flags: ListFlags): Promise<number> {
  const { sessions, complete } = await createHubApi(context, settingsOf(context), flags).get('/v1/sessions');
  const found = Array.isArray(sessions) ? sessions.filter((item) => isJsonObject(item)) : [];
  if (complete === false) context.complain('the control bus is down: only sessions of one node are listed');
  if (flags.json === true) for (const session of found) context.print(JSON.stringify(session));
  else if (found.length === 0) context.print('no sessions');
  else {
    const columns = ['id', 'subject', 'roles', 'connected at', 'node', 'client'];
    const rows = found.map((session) =>
      keys.map((key) => (Array.isArray(session[key]) ? session[key].join(',') : textOf(session[key]))),
    );
    for (const line of renderTable({ columns, rows, width: outputWidth() })) context.print(line);
  }
  return exitCode.ok;
}

async function kick(context: CommandContext, id: string, flags: HubFlags): Promise<number> {
  await createHubApi(context, settingsOf(context), flags).post(`/v1/sessions/${encodeURIComponent(id)}/disconnect`);
  context.print(`${id}: closed`);
  return exitCode.ok;
}

export function addSessions(program: Command, context: CommandContext, done: (code: number) => void): void {
  const group = program.command('sessions').description('connected sessions');
  withHubOptions(group.command('list'))
    .description('list the sessions of your tenant, on all nodes')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', examples('pursight sessions list'))
    .action(async (flags: ListFlags) => done(await list(context, flags)));
  withHubOptions(group.command('kick'))
    .description('close one session on any node; the client may reconnect')
    .argument('<id>')
    .addHelpText('after', examples('pursight sessions kick 5f0c7a52'))
    .action(async (id: string, flags: HubFlags) => done(await kick(context, id, flags)));
}
