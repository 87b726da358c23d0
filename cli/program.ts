import { Command, CommanderError } from 'commander';
import { HubError } from '../channels/protocol/hub-error.ts';
import { argvWithIds } from './argv-with-ids.ts';
import { type CommandContext, exitCodeOf, type ProgramOptions } from './command-context.ts';
import { addConfig } from './config.ts';
import { addConnectors } from './connectors.ts';
import { addDashboard } from './dashboard.ts';
import { addDeadLetters } from './dead-letters.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { exitCode } from './exit-code.ts';
import { addImport } from './import.ts';
import { addIngest } from './ingest.ts';
import { packageVersion } from './package-version.ts';
import { addJournal } from './journal.ts';
import { addLog } from './log.ts';
import { addReplay } from './replay.ts';
import { addRevocations } from './revocations.ts';
import { addSearch } from './search.ts';
import { addServe } from './serve.ts';
import { addJobs } from './jobs.ts';
import { addSessions } from './sessions.ts';
import { addTail } from './tail.ts';
import { addToken } from './token.ts';

/** In the order of the help. */
const commands = [
  addServe,
  addDashboard,
  addToken,
  addTail,
  addReplay,
  addSearch,
  addIngest,
  addImport,
  addConnectors,
  addDeadLetters,
  addJobs,
  addSessions,
  addRevocations,
  addJournal,
  addLog,
  addConfig,
  addDoctor,
  addDemo,
];

function reportFault(context: CommandContext, thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCode.ok : exitCode.usage;
  const error = HubError.from(thrown);
  for (const line of (error.operatorMessage ?? error.message).split('\n'))
    context.complain(`pursight: ${error.code}: ${line}`);
  const { cause } = error;
  if (error.code === 'internal') context.complain(String(cause instanceof Error ? (cause.stack ?? cause) : cause));
  return exitCodeOf(error);
}

/** Runs one command; resolves with the exit code. */
export async function runProgram(options: ProgramOptions): Promise<number> {
  const context: CommandContext = {
    environment: options.environment,
    formats: options.formats,
    openAdapters: options.openAdapters,
    diagnose: options.diagnose,
    print: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
  };
  // whoever reads may stop early, like head
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitCode.ok : exitCode.failure),
  );
  let code: number = exitCode.ok;
  const done = (result: number): void => void (code = result);
  const program = new Command('pursight')
    .description('Real-time governance hub: catalog changes from Kafka, live to those who may see them')
    .version(packageVersion(), '-V, --version', 'print the version')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 fault of the hub, 2 wrong command line or setting, 3 not reachable,\n4 refused, 5 input rejected or doctor found something. See docs/cli.md.',
    )
    .exitOverride()
    .showHelpAfterError();
  for (const add of commands) add(program, context, done);
  try {
    await program.parseAsync([...argvWithIds(options.argv)]);
    return code;
  } catch (thrown) {
    return reportFault(context, thrown);
  }
}
