import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const requirements = fileURLToPath(new URL('../../examples/python-bot/requirements.txt', import.meta.url));

/** A Python with what the examples need, kept for the next run as long as the requirements stay the same. */
export async function pythonWithRequirements(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(homedir(), '.cache/pursight', `python-bot-${hash}`);
  const python = join(folder, 'bin/python');
  const done = join(folder, 'complete');
  if (existsSync(done)) return python;
  // other test files make it at the same time: the first to have it gives it its name
  const own = `${folder}.${process.pid}`;
  mkdirSync(own, { recursive: true });
  await run('python3', ['-m', 'venv', own]);
  await run(join(own, 'bin/python'), [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
  ]);
  writeFileSync(join(own, 'complete'), '');
  // what an interrupted run has left
  if (!existsSync(done)) rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(own, folder);
  } catch {
    rmSync(own, { recursive: true, force: true });
  }
  return python;
}
