import type { Command } from 'commander';
import { isJsonObject, type JsonObject, type JsonValue } from '../channels/event/json.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { outputWidth, renderTable } from './table.ts';

interface ListFlags extends HubFlags {
  readonly json?: boolean;
}

interface AddFlags extends HubFlags {
  readonly jti?: string;
  readonly subject?: string;
  readonly session?: string;
  readonly all?: boolean;
  readonly issuedBefore?: string;
  readonly reason?: string;
  readonly expiresAt?: string;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** In words, as `tokens of ada issued before 2026-05-04T10:00:00.000Z`. */
function targetText(target: JsonValue | undefined): string {
  const of: JsonObject = isJsonObject(target) ? target : {};
  const before = `issued before ${textOf(of['issuedBefore'])}`;
  switch (of['kind']) {
    case 'token':
      return `token ${textOf(of['token'])}`;
    case 'session':
      return `session ${textOf(of['session'])}`;
    case 'subject':
      return `tokens of ${textOf(of['subject'])} ${before}`;
    case 'all':
      return `all tokens ${before}`;
    default:
      // an older command must not make more of it than it is
      return 'unknown to this release';
  }
}

async function list(context: CommandContext, flags: ListFlags): Promise<number> {
  const { revocations } = await createHubApi(context, settingsOf(context), flags).get('/v1/revocations');
  const found = Array.isArray(revocations) ? revocations.filter((item) => isJsonObject(item)) : [];
  if (flags.json === true) for (const revocation of found) context.print(JSON.stringify(revocation));
  else if (found.length === 0) context.print('no revocations');
  else {
    const columns = ['what', 'by', 'at', 'until', 'reason'];
    const rows = found.map((each) => [
      targetText(each['target']),
      ...['by', 'at', 'expiresAt', 'reason'].map((key) => textOf(each[key])),
    ]);
    for (const line of renderTable({ columns, rows, width: outputWidth() })) context.print(line);
  }
  return exitCode.ok;
}

async function add(context: CommandContext, flags: AddFlags): Promise<number> {
  const { jti, subject, session, all, issuedBefore, reason, expiresAt } = flags;
  const body = JSON.stringify({ token: jti, subject, session, all, issuedBefore, reason, expiresAt });
  const made = await createHubApi(context, settingsOf(context), flags).post('/v1/revocations', body);
  context.print(`${textOf(made['id'])}: ${targetText(made['target'])}`);
  if (made['told'] === false) context.complain('Kafka is not reachable: some nodes may apply it up to 10 s later');
  return exitCode.ok;
}

export function addRevocations(program: Command, context: CommandContext, done: (code: number) => void): void {
  const group = program.command('revocations').description('tokens revoked before they expired');
  withHubOptions(group.command('list'))
    .description('list the revocations of your tenant in effect')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', examples('pursight revocations list'))
    .action(async (flags: ListFlags) => done(await list(context, flags)));
  withHubOptions(group.command('add'))
    .description(
      'revoke tokens: their sessions end on every node and they are refused from now on; give one of the first four',
    )
    .option('--jti <id>', 'one token, by its claim jti')
    .option('--subject <sub>', 'all tokens of a subject issued so far')
    .option('--session <id>', 'one session; its token stays valid')
    .option('--all', 'all tokens of your tenant issued so far, including yours')
    .option('--issued-before <time>', 'with --subject and --all: only those issued before, RFC 3339')
    .option('--reason <text>', 'for people')
    .option('--expires-at <time>', 'when it may be deleted, RFC 3339 (default: in 30 days)')
    .addHelpText('after', examples('pursight revocations add --subject ada --reason "left the company"'))
    .action(async (flags: AddFlags) => done(await add(context, flags)));
}
