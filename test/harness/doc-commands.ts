import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A fenced block of a document that is marked for this. `test`: runs to its end. `test background`: runs beside the blocks
 * that follow and must end well by itself. `test server`: runs until the document is done.
 */
export interface DocBlock {
  readonly mode: 'foreground' | 'background' | 'server';
  readonly commands: string;
}

const modes = { '': 'foreground', background: 'background', server: 'server' } as const;

export function blocksOf(document: string): readonly DocBlock[] {
  const text = readFileSync(join(root, document), 'utf8');
  const fences = text.matchAll(/^( *)```sh test ?(\w*)\n([\s\S]*?)^ *```$/gm);
  return [...fences].map(([, indent = '', mode = '', commands = '']) => ({
    mode: modes[mode as keyof typeof modes],
    commands: commands.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

export interface RunOptions {
  /** Text of the document -> what stands there in the test. */
  readonly replace: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** What commands must have printed, each of it one of them, before those that do not end are stopped. */
  readonly until?: RegExp | readonly RegExp[];
  /** Done when everything runs. */
  readonly meanwhile?: () => Promise<void>;
}

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

const deadlineMs = 60_000;
/** What a command says when the next one may come. */
const ready = /hub ready|\[live|"live":true|^event: live|^id: /m;

function start(script: string, environment: Readonly<Record<string, string>>): Running {
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('PURSIGHT_'));
  const env = { ...Object.fromEntries(ours), ...environment };
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => void child.once('close', (code) => resolve(code)));
  return { child, output: () => output, ended };
}

function signalGroup({ child }: Running, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid ?? 0), signal);
  } catch {
    // the whole group has ended
  }
}

async function within<T>(work: Promise<T>, what: string, running: Running): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took too long:\n${running.output()}`)), deadlineMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function untilSaid(running: Running, text: RegExp): Promise<void> {
  const said = new Promise<void>((resolve) => {
    const look = (): void => (text.test(running.output()) ? resolve() : undefined);
    running.child.stdout?.on('data', look);
    running.child.stderr?.on('data', look);
    look();
  });
  const early = running.ended.then((code) => {
    throw new Error(`ended with ${code} before it said ${String(text)}:\n${running.output()}`);
  });
  await within(Promise.race([said, early]), String(text), running);
}

async function assertEndsWell(running: Running, commands: string): Promise<void> {
  const code = await within(running.ended, commands, running);
  if (code !== 0) throw new Error(`ended with ${code}:\n${commands}\n${running.output()}`);
}

/** In one pass: what was put in, e.g. a port, may read like something else that is to be replaced. */
function replaced(text: string, replacements: RunOptions['replace']): string {
  const escaped = Object.keys(replacements).map((from) => from.replaceAll(/[^\w\s]/g, String.raw`\$&`));
  if (escaped.length === 0) return text;
  return text.replaceAll(new RegExp(escaped.join('|'), 'g'), (from) => replacements[from] ?? from);
}

/**
 * Runs the marked commands of a document in order, as a reader would with several terminals, and gives what they printed.
 * Throws with the output of a command that did not end well.
 */
export async function runDocument(document: string, options: RunOptions): Promise<string> {
  const running: Running[] = [];
  const awaited: (readonly [Running, string])[] = [];
  let exported = '';
  try {
    for (const { mode, commands } of blocksOf(document)) {
      const script = replaced(commands, options.replace);
      const current = start(`${exported}${script}`, options.environment);
      running.push(current);
      if (mode === 'foreground') await assertEndsWell(current, commands);
      else await untilSaid(current, ready);
      if (mode === 'background') awaited.push([current, commands]);
      exported += script
        .split('\n')
        .filter((line) => line.startsWith('export '))
        .map((line) => `${line}\n`)
        .join('');
    }
    await options.meanwhile?.();
    for (const [current, commands] of awaited) await assertEndsWell(current, commands);
    for (const text of [options.until ?? []].flat()) await Promise.any(running.map((each) => untilSaid(each, text)));
    return running.map((each) => each.output()).join('');
  } finally {
    for (const each of running) signalGroup(each, 'SIGTERM');
    await Promise.all(running.map((each) => within(each.ended, 'stopping', each)));
  }
}
