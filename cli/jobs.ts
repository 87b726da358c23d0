import type { Command } from 'commander';
import { isJsonObject, type JsonObject, type JsonValue } from '../channels/event/json.ts';
import { type CommandContext, settingsOf } from './command-context.ts';
import { exitCode } from './exit-code.ts';
import { createHubApi, type HubFlags } from './hub-api.ts';
import { examples, withHubOptions } from './hub-options.ts';
import { textOf } from './partition-table.ts';
import { outputWidth, renderTable } from './table.ts';

interface JobFlags extends HubFlags {
  readonly json?: boolean;
}

/** What has become of its rows, less what is nothing. */
function progressText(progress: JsonValue | undefined): string {
  if (!isJsonObject(progress)) return '';
  const counts = Object.entries(progress).filter(([, count]) => count !== 0);
  return counts.map(([name, count]) => `${name} ${textOf(count)}`).join(', ');
}

const columns = ['id', 'kind', 'format', 'state', 'created at', 'progress'] as const;

function rowOf({ id, kind, format, state, createdAt, progress }: JsonObject): readonly string[] {
  return [textOf(id), textOf(kind), textOf(format), textOf(state), textOf(createdAt), progressText(progress)];
}

function print(context: CommandContext, jobs: readonly JsonObject[], { json }: JobFlags): void {
  if (json === true) for (const job of jobs) context.print(JSON.stringify(job));
  else if (jobs.length === 0) context.print('no jobs');
  else for (const line of renderTable({ columns, rows: jobs.map(rowOf), width: outputWidth() })) context.print(line);
}

async function list(context: CommandContext, flags: JobFlags): Promise<number> {
  const { jobs } = await createHubApi(context, settingsOf(context), flags).get('/v1/jobs');
  print(context, Array.isArray(jobs) ? jobs.filter((job) => isJsonObject(job)) : [], flags);
  return exitCode.ok;
}

async function show(context: CommandContext, id: string, flags: JobFlags): Promise<number> {
  const job = await createHubApi(context, settingsOf(context), flags).get(`/v1/jobs/${encodeURIComponent(id)}`);
  print(context, [job], flags);
  if (isJsonObject(job['error'])) context.complain(textOf(job['error']['message']));
  return exitCode.ok;
}

async function cancel(context: CommandContext, id: string, flags: JobFlags): Promise<number> {
  const job = await createHubApi(context, settingsOf(context), flags).remove(`/v1/jobs/${encodeURIComponent(id)}`);
  print(context, [job], flags);
  return exitCode.ok;
}

export function addJobs(program: Command, context: CommandContext, done: (code: number) => void): void {
  const group = program.command('jobs').description('imports and exports');
  withHubOptions(group.command('list'))
    .description('list your jobs, the newest first')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', examples('pursight jobs list'))
    .action(async (flags: JobFlags) => done(await list(context, flags)));
  withHubOptions(group.command('show'))
    .description('show how far one of your jobs is, and why it failed')
    .argument('<id>')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('pursight jobs show V1StGXR8_Z5jdHi6B-myT1'))
    .action(async (id: string, flags: JobFlags) => done(await show(context, id, flags)));
  withHubOptions(group.command('cancel'))
    .description('cancel one of your jobs; what is done of it stays done')
    .argument('<id>')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('pursight jobs cancel V1StGXR8_Z5jdHi6B-myT1'))
    .action(async (id: string, flags: JobFlags) => done(await cancel(context, id, flags)));
}
