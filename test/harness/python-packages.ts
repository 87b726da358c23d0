import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Python of one version with one package, kept for the next run. Rejects where either is not available. */
export async function pythonWith(command: string, requirement: string): Promise<string> {
  const folder = join(homedir(), '.cache/pursight', `${command}-${requirement.replaceAll(/[^\w.]+/g, '-')}`);
  const python = join(folder, 'bin/python');
  const done = join(folder, 'complete');
  if (existsSync(done)) return python;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run(command, ['-m', 'venv', folder]);
  const quiet = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
  await run(python, ['-m', 'pip', 'install', ...quiet, requirement]);
  writeFileSync(done, '');
  return python;
}
