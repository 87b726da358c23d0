import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const builtCli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface CliResult {
  /** null after a signal that it did not handle. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The built command line in a process of its own, from start to end. */
export interface CliProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
  /** What it has written to standard output so far. */
  readonly out: () => string;
  /** Resolves once what was written to standard error matches; rejects when it ends before. */
  heard(pattern: RegExp): Promise<void>;
}

export interface CliOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('PURSIGHT_') || name === 'PURSIGHT_WS_ENGINE'),
  );
}

/** Starts a command; settings of the caller's environment do not reach it. */
export function startCli(args: readonly string[], { environment = {}, input }: CliOptions = {}): CliProcess {
  const child = spawn(process.execPath, [builtCli, ...args], {
    env: { ...cleanEnvironment(), ...environment },
    stdio: 'pipe',
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const ended = new Promise<CliResult>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  const heard = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(err)) resolve();
      };
      child.stderr.on('data', look);
      look();
      void ended.then(({ code }) => reject(new Error(`ended with ${code} before it said ${pattern}:\n${err}`)));
    });
  return { child, ended, out: () => out, heard };
}

/** Runs a command to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).ended;
}
