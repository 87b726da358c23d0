import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from './state.mjs';

const stopGraceMs = 10_000;

/** Runs a command to its end. Rejects with the end of what it said. */
export function run(command, args, { cwd, timeoutMs = 300_000 } = {}) {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, timeout: timeoutMs, maxBuffer: 32 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${args[0] ?? ''}: ${lastLines(stderr || stdout || error.message)}`));
    }).stdin?.end();
  });
}

/** True when the command exists and can say its version (or whatever `args` ask it). */
export async function canRun(command, args = ['--version']) {
  try {
    await run(command, args, { timeoutMs: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/** Starts a server that outlives this process; its output goes to `server.log` in `dir`. */
export function startServer(command, args, dir) {
  const log = openSync(join(dir, 'server.log'), 'a');
  const child = spawn(command, args, { cwd: dir, detached: true, stdio: ['ignore', log, log] });
  child.on('error', () => {});
  child.unref();
  closeSync(log);
  if (child.pid === undefined) throw new Error(`${command} could not be started`);
  return child.pid;
}

/** Repeats `probe` until it resolves; fails when the process ended or the time is over. */
export async function waitUntilReady({ probe, pid, dir, timeoutMs }) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const fault = await probe().then(
      () => undefined,
      (error) => error,
    );
    if (fault === undefined) return;
    if (pid !== undefined && !isAlive(pid)) throw new Error(`ended at once: ${tailOfLog(dir)}`);
    if (Date.now() > deadline) throw new Error(`not ready after ${timeoutMs / 1000} s: ${fault.message}`);
    await pause(100);
  }
}

/** Ends a process: asks first, insists after ten seconds. */
export async function stopProcess(pid) {
  const deadline = Date.now() + stopGraceMs;
  signal(pid, 'SIGTERM');
  while (isAlive(pid)) {
    if (Date.now() > deadline) signal(pid, 'SIGKILL');
    await pause(50);
  }
}

/**
 * The wished port when it is free, else any free one: below those that systems give to outgoing connections, so that
 * a server finds it free again after a restart.
 */
export async function freePort(wished = anyPort()) {
  return (await canListen(wished)) ?? freePort();
}

function anyPort() {
  return 15_000 + Math.floor(Math.random() * 17_000);
}

function canListen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const found = server.address().port;
      server.close(() => resolve(found));
    });
  });
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended already
  }
}

function tailOfLog(dir) {
  try {
    return lastLines(readFileSync(join(dir, 'server.log'), 'utf8'));
  } catch {
    return 'no output';
  }
}

function lastLines(text) {
  return text.trim().split('\n').slice(-4).join(' | ').slice(-600);
}
